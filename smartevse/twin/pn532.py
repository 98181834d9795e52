"""The card reader: a PN532 on I2C as its user manual (NXP UM0701-02) has it, with or without a card in front of it.

It acknowledges each command, works for a while, and only then has an answer; a read before that gives a first byte 0.
A chip that was not told to give up looks for a card until there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from smartevse.twin.lcd import NackError

LOOK_S = 0.005
"""One look for a card."""
WORK_S = 0.001
"""Any other command."""
FOR_EVER = 0xFF
"""The number of looks after a reset: until a card comes."""

_ACK = bytes.fromhex("0000ff00ff00")
_SYNTAX_ERROR = bytes.fromhex("0000ff01ff7f8100")
_GREETING: Mapping[int, bytes] = {4: bytes.fromhex("000408"), 7: bytes.fromhex("004400"), 10: bytes.fromhex("008400")}
"""ATQA and SAK by the length of the number: MIFARE Classic, MIFARE Ultralight, a card with the longest number."""


class Pn532:
    """A reader on the bus; `clock` gives the time in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.powered = True
        self.card: bytes | None = None
        """The number of the card in front of it."""
        self.commands = 0
        """How many it has understood."""
        self._looks = FOR_EVER
        self._acknowledge = self._looking = False
        self._answer: bytes | None = None
        self._ready_s = 0.0
        self._does: Mapping[int, Callable[[bytes], bytes]] = {
            0x02: lambda _: bytes.fromhex("32010607"),  # PN532, firmware 1.6, all card types
            0x12: lambda _: b"",
            0x14: lambda _: b"",
            0x32: self._radio,
            0x52: lambda _: b"\x00",
        }

    def power(self, on: bool) -> None:
        """Unplug the reader or plug it in: it forgets what it was told."""
        if on != self.powered:
            self.powered = on
            self._reset()

    def put(self, card: bytes | None) -> None:
        """Put a card in front of it, or take it away. Raises ValueError for a number that no card has."""
        if card is not None and len(card) not in _GREETING:
            raise ValueError(f"a card's number has 4, 7 or 10 bytes, not {len(card)}")
        self.card = card

    def write(self, data: bytes) -> None:
        """A frame for the chip. Raises NackError when unplugged."""
        if not self.powered:
            raise NackError
        if data == _ACK:
            self._reset_answer()  # the host breaks off
        elif (command := _payload(data)) is not None:
            self._begin(command)

    def read(self, count: int) -> bytes:
        """The ready byte, then the answer if there is one; a read of the ready byte alone leaves the answer."""
        if not self.powered:
            raise NackError
        if self._looking and self.card is not None:
            self._looking = False
            self._answer, self._ready_s = _frame(b"\x4b" + self._listed()), self._clock()
        if self._acknowledge:
            if count > 1:
                self._acknowledge = False
            return (b"\x01" + _ACK).ljust(count, b"\x00")[:count]
        if self._answer is None or self._clock() < self._ready_s:
            return bytes(count)
        answer = self._answer
        if count > 1:
            self._answer = None
        return (b"\x01" + answer).ljust(count, b"\x00")[:count]

    def report(self) -> dict[str, object]:
        """For a person or a panel."""
        return {"powered": self.powered, "card": None if self.card is None else self.card.hex()}

    def _reset(self) -> None:
        self._looks = FOR_EVER
        self._reset_answer()

    def _reset_answer(self) -> None:
        self._acknowledge = self._looking = False
        self._answer = None
        self._ready_s = 0.0

    def _begin(self, command: bytes) -> None:
        self._reset_answer()
        self._acknowledge = True
        self.commands += 1
        number, data = command[0], command[1:]
        if number == 0x4A:
            self._looking = self.card is None and self._looks == FOR_EVER
            if not self._looking:
                self._answer = _frame(b"\x4b" + self._listed())
                self._ready_s = self._clock() + LOOK_S * (1 if self.card is not None else self._looks + 1)
            return
        does = self._does.get(number)
        self._answer = _SYNTAX_ERROR if does is None else _frame(bytes((number + 1,)) + does(data))
        self._ready_s = self._clock() + WORK_S

    def _listed(self) -> bytes:
        """What it says of the card in front of it."""
        if self.card is None:
            return b"\x00"
        return b"\x01\x01" + _GREETING[len(self.card)] + bytes((len(self.card),)) + self.card

    def _radio(self, data: bytes) -> bytes:
        if len(data) == 4 and data[0] == 0x05:  # MaxRetries: of ATR_REQ, of PSL_REQ, of looking for a card
            self._looks = data[3]
        return b""


def _payload(data: bytes) -> bytes | None:
    """The command in a frame from the host; None for a damaged one, which the chip ignores."""
    if len(data) < 8 or data[:3] != b"\x00\x00\xff" or (data[3] + data[4]) & 0xFF:
        return None
    body, check = data[5 : 5 + data[3]], data[5 + data[3] : 6 + data[3]]
    if len(check) != 1 or len(body) < 2 or body[0] != 0xD4 or (sum(body) + check[0]) & 0xFF:
        return None
    return body[1:]


def _frame(answer: bytes) -> bytes:
    body = b"\xd5" + answer
    return b"\x00\x00\xff" + bytes((len(body), -len(body) & 0xFF)) + body + bytes((-sum(body) & 0xFF, 0))
