"""The card reader chip PN532 over whatever carries bytes on I2C: cards of ISO 14443 type A, their numbers alone.

Frames and commands are those of the chip's user manual (NXP UM0701-02, chapters 6.2 and 7). The libraries for this
chip want the bus for themselves (spidev, or a layer that is not there with pigpiod), so its few commands are here.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Protocol

from smartevse.drivers.card_reader import ReaderError

ADDRESS = 0x24
"""On I2C; the chip has no other."""
ACK = bytes((0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00))
READY = 0x01
"""The first byte of each read: whether an answer follows."""
TO_CHIP, FROM_CHIP = 0xD4, 0xD5
GET_FIRMWARE_VERSION, SET_PARAMETERS, SAM_CONFIGURATION = 0x02, 0x12, 0x14
RF_CONFIGURATION, IN_LIST_PASSIVE_TARGET, IN_RELEASE = 0x32, 0x4A, 0x52
IC_PN532 = 0x32

ANSWER_BYTES = 28
"""The longest answer to what is asked here: ready byte, 5 of head, 20 of a card with 10 bytes, 2 of tail."""
LOOK_EVERY_S = 0.01
ANSWER_S = 0.25
"""The chip looks three times for a card, 5 ms each; an answer that takes this long never comes."""
WAKE_S = 0.02

_START = (
    (SAM_CONFIGURATION, bytes((0x01, 0x14, 0x01))),  # no security module
    (SET_PARAMETERS, bytes((0x00,))),  # do not greet cards further than their number: answers stay short
    (RF_CONFIGURATION, bytes((0x05, 0xFF, 0x01, 0x02))),  # give up after three looks instead of never
)


class Wire(Protocol):
    """The chip's place on a bus. Both raise ReaderError when nobody answers."""

    def write(self, data: bytes, /) -> None:
        """One write transfer."""

    def read(self, count: int, /) -> bytes:
        """One read transfer of so many bytes."""

    def close(self) -> None:
        """Give the bus back. Raises ReaderError."""


def frame(data: bytes, direction: int = TO_CHIP) -> bytes:
    """A normal information frame around at most 254 bytes."""
    body = bytes((direction,)) + data
    return bytes((0x00, 0x00, 0xFF, len(body), -len(body) & 0xFF)) + body + bytes((-sum(body) & 0xFF, 0x00))


def unframe(data: bytes, direction: int = FROM_CHIP) -> bytes | None:
    """What a frame carries; None when it is none, or damaged. Bytes behind the frame do not count."""
    if len(data) < 7 or data[:3] != b"\x00\x00\xff" or (data[3] + data[4]) & 0xFF or data[3] < 1:
        return None
    end = 5 + data[3]
    body = data[5:end]
    if len(data) <= end or body[0] != direction or (sum(body) + data[end]) & 0xFF:
        return None
    return body[1:]


class Pn532:
    """A chip that is there and set up; every method but `close` raises ReaderError when it is lost."""

    def __init__(
        self,
        wire: Wire,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Wake the chip and set it up; on ReaderError the wire is closed."""
        self._wire, self._pause, self._clock = wire, pause, clock
        try:
            self._wake()
            self._begin()
        except ReaderError:
            self.close()
            raise

    def card(self) -> bytes | None:
        """The number of the card on the reader: 4, 7 or 10 bytes; None for none, or for two at once."""
        found = self._ask(IN_LIST_PASSIVE_TARGET, bytes((0x01, 0x00)))  # one card, 106 kbit/s type A
        if not found or found[0] == 0:
            return None
        # number of cards, its number, two bytes of ATQA, SAK, length, then the number itself
        if len(found) < 6 or len(found) < 6 + found[5] or found[5] not in (4, 7, 10):
            raise ReaderError("the card reader sent an answer that is no card's: check its cable")
        self._ask(IN_RELEASE, bytes((0x00,)))
        return found[6 : 6 + found[5]]

    def close(self) -> None:
        """Give the bus back; never raises."""
        with contextlib.suppress(ReaderError):
            self._wire.close()

    def _wake(self) -> None:
        """A chip that sleeps does not acknowledge the first call of its address; that call wakes it."""
        with contextlib.suppress(ReaderError):
            self._wire.write(ACK)  # also ends a command that somebody left unfinished
        self._pause(WAKE_S)

    def _begin(self) -> None:
        version = self._ask(GET_FIRMWARE_VERSION)
        if version[:1] != bytes((IC_PN532,)):
            raise ReaderError(f"what answers at {ADDRESS:#04x} is no PN532: check which reader is connected")
        for command, data in _START:
            self._ask(command, data)

    def _ask(self, command: int, data: bytes = b"") -> bytes:
        """One command and what it answers."""
        self._wire.write(frame(bytes((command,)) + data))
        if self._answer(len(ACK)) != ACK:
            raise ReaderError("the card reader did not understand a command: check its cable")
        answer = unframe(self._answer(ANSWER_BYTES - 1))
        if answer is None or answer[:1] != bytes((command + 1,)):
            raise ReaderError("the card reader's answer is damaged: check its cable")
        return answer[1:]

    def _answer(self, count: int) -> bytes:
        """So many bytes, once the chip says that it has them."""
        give_up_s = self._clock() + ANSWER_S
        while True:
            if self._wire.read(1) == bytes((READY,)):
                return self._wire.read(1 + count)[1:]
            if self._clock() >= give_up_s:
                raise ReaderError("the card reader does not answer: check its cable and its supply")
            self._pause(LOOK_EVERY_S)
