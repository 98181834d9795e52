"""The number of an RFID card: its bytes as the reader gives them, and when two numbers mean the same card.

ISO 14443-3 has numbers of 4, 7 and 10 bytes; readers on the 1-wire bus give 6 or 7, a shorter number filled with zeros
at the end.
"""

from __future__ import annotations

SIZES = (4, 6, 7, 10)
"""How many bytes a number may have."""
SHORT = 4
_PADDED = (6, 7)
_RANDOM = 0x08
"""The first byte of a 4-byte number that a phone makes anew each time (ISO 14443-3, RID)."""
_DECIMALS = 10
"""Keyboard readers that type decimal type a 4-byte number with all its leading zeros."""


def canonical(number: bytes) -> bytes:
    """The number as it is compared and stored: a 4-byte number without the zeros that some readers put behind it.

    Raises ValueError for a length that no card has.
    """
    if len(number) not in SIZES:
        raise ValueError(f"a card's number has {len(number)} bytes, but only {_SIZES_TEXT} exist: use another reader")
    if len(number) in _PADDED and not any(number[SHORT:]):
        return number[:SHORT]
    return number


def is_random(number: bytes) -> bool:
    """Whether the number is another one the next time, as a phone's: nothing that could be learned."""
    return len(number) == SHORT and number[0] == _RANDOM


def text(number: bytes) -> str:
    """The number as a person reads it and as lists have it: "04A1B2C3"."""
    return number.hex().upper()


def parse(typed: str) -> bytes:
    """The number that a keyboard reader typed or a list has: hexadecimal, or ten decimal digits; canonical.

    Raises ValueError with a sentence for anything else.
    """
    typed = typed.strip()
    if typed.isascii() and typed.isdecimal() and len(typed) == _DECIMALS and int(typed) < 1 << 32:
        return int(typed).to_bytes(SHORT, "big")
    try:
        number = bytes.fromhex(typed)
    except ValueError:
        raise ValueError(
            f"{typed[:24]!r} is no card number: it must be {_SIZES_TEXT} bytes in hexadecimal such as 04A1B2C3,"
            f" or ten decimal digits"
        ) from None
    return canonical(number)


_SIZES_TEXT = "4, 6, 7 or 10"
