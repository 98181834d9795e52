"""The simulated card reader answers as the chip's manual has it."""

from __future__ import annotations

import pytest

from smartevse.twin.lcd import NackError
from smartevse.twin.pn532 import Pn532

ACK = bytes.fromhex("0000ff00ff00")
LIST = bytes.fromhex("0000ff04fcd44a0100e100")
"""InListPassiveTarget, one card of type A: the frame of the manual."""
THREE_LOOKS = bytes.fromhex("0000ff06fad43205ff0102f300")


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def asked(chip: Pn532, clock: Clock, frame: bytes, wait_s: float = 0.1) -> bytes:
    """The answer to a command, its ready byte first."""
    chip.write(frame)
    assert chip.read(7) == b"\x01" + ACK
    clock.now_s += wait_s
    return chip.read(28)


def test_a_command_is_acknowledged_at_once_and_answered_later() -> None:
    clock = Clock()
    chip = Pn532(clock)
    chip.put(bytes.fromhex("04a1b2c3"))
    chip.write(LIST)
    assert chip.read(1) == b"\x01"
    assert chip.read(7) == b"\x01" + ACK
    assert chip.read(1) == b"\x00"
    clock.now_s += 0.005
    assert chip.read(1) == b"\x01"
    assert chip.read(22) == b"\x01" + bytes.fromhex("0000ff0cf4d54b010100040804" + "04a1b2c3" + "b400").ljust(21, b"\0")
    assert chip.read(22) == bytes(22)


def test_without_a_limit_it_looks_until_a_card_comes() -> None:
    clock = Clock()
    chip = Pn532(clock)
    assert asked(chip, clock, LIST, 100.0) == bytes(28)
    chip.put(bytes.fromhex("04a1b2c3d4e5f6"))
    assert chip.read(28)[1:].startswith(bytes.fromhex("0000ff0ff1d54b01010044000704a1b2c3d4e5f6"))


def test_with_a_limit_it_says_that_there_is_no_card() -> None:
    clock = Clock()
    chip = Pn532(clock)
    asked(chip, clock, THREE_LOOKS)
    assert asked(chip, clock, LIST)[1:11] == bytes.fromhex("0000ff03fdd54b00e000")


@pytest.mark.parametrize("frame", ["0000ff04fcd44a0100e200", "0000ff04fbd44a0100e100", "0000fe04fcd44a0100e100", "00"])
def test_a_damaged_frame_is_not_acknowledged(frame: str) -> None:
    chip = Pn532(Clock())
    chip.write(bytes.fromhex(frame))
    assert chip.read(7) == bytes(7)


def test_unplugged_it_does_not_acknowledge_its_address_and_forgets() -> None:
    clock = Clock()
    chip = Pn532(clock)
    asked(chip, clock, THREE_LOOKS)
    chip.power(False)
    for use in (lambda: chip.write(LIST), lambda: chip.read(1)):
        with pytest.raises(NackError):
            use()
    chip.power(True)
    assert asked(chip, clock, LIST) == bytes(28)


def test_a_number_that_no_card_has_is_refused() -> None:
    with pytest.raises(ValueError, match="4, 7 or 10 bytes, not 5"):
        Pn532(Clock()).put(bytes(5))
