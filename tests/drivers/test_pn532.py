"""The card reader's driver on the twin's chip, over the kernel's bus and over pigpiod's."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

import pigpio
import pytest

from smartevse.drivers.card_reader import ReaderError
from smartevse.drivers.pn532 import Pn532, Wire, frame, unframe
from smartevse.drivers.pn532_kernel import kernel_pn532
from smartevse.drivers.pn532_pigpio import pigpio_pn532
from smartevse.twin.lcd import NackError
from smartevse.twin.pn532 import Pn532 as Chip

NUMBERS = ("04a1b2c3", "04a1b2c3d4e5f6", "04a1b2c3d4e5f6a7b8c9")


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def pause(self, seconds: float) -> None:
        self.now_s += seconds


class Bus:
    """What is used of `smbus2.SMBus`, with the twin's chip behind; time goes on with each transfer."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.chip = Chip(self.clock)
        self.closed = 0

    def i2c_rdwr(self, message: Any) -> None:
        self.clock.now_s += 0.01
        try:
            if message.flags & 1:
                for at, byte in enumerate(self.chip.read(message.len)):
                    message.buf[at] = byte
            else:
                self.chip.write(bytes(message))
        except NackError:
            raise OSError(errno.EREMOTEIO, "Remote I/O error") from None

    def close(self) -> None:
        self.closed += 1


class Pi:
    """What is used of `pigpio.pi`."""

    connected = True

    def __init__(self) -> None:
        self.clock = Clock()
        self.chip = Chip(self.clock)
        self.closed = 0

    def i2c_open(self, bus: int, address: int) -> int:
        assert (bus, address) == (1, 0x24)
        return 5

    def i2c_close(self, handle: int) -> None:
        self.closed += 1

    def i2c_write_device(self, handle: int, data: bytes) -> None:
        self.clock.now_s += 0.01
        try:
            self.chip.write(data)
        except NackError:
            raise pigpio.error("I2C write failed") from None

    def i2c_read_device(self, handle: int, count: int) -> tuple[int, bytearray | str]:
        self.clock.now_s += 0.01
        try:
            return count, bytearray(self.chip.read(count))
        except NackError:
            raise pigpio.error("I2C read failed") from None


@pytest.fixture(params=["kernel", "pigpio"])
def opened(request: pytest.FixtureRequest) -> tuple[Any, Callable[[], Pn532]]:
    """A bus with a chip, and how a reader on it is opened."""
    if request.param == "kernel":
        bus = Bus()
        return bus, lambda: kernel_pn532(bus=bus)
    pi = Pi()
    return pi, lambda: pigpio_pn532(pi)


def test_cards_of_every_length_are_read_again_and_again(opened: tuple[Any, Callable[[], Pn532]]) -> None:
    bus, open_ = opened
    reader = open_()
    assert reader.card() is None
    for number in map(bytes.fromhex, NUMBERS):
        bus.chip.put(number)
        assert [reader.card() for _ in range(3)] == [number] * 3
        bus.chip.put(None)
        assert reader.card() is None
    reader.close()
    assert bus.closed == 1


def test_a_reader_that_is_absent_or_lost_is_said_and_the_bus_is_free(opened: tuple[Any, Callable[[], Pn532]]) -> None:
    bus, open_ = opened
    reader = open_()
    bus.chip.power(False)
    with pytest.raises(ReaderError, match="nothing answers at 0x24 of I2C bus 1"):
        reader.card()
    reader.close()
    with pytest.raises(ReaderError, match="nothing answers"):
        open_()
    assert bus.closed == 2
    bus.chip.power(True)
    bus.chip.put(bytes.fromhex("04a1b2c3"))
    assert open_().card() == bytes.fromhex("04a1b2c3")


def test_a_reader_that_lost_its_power_for_a_moment_is_lost_and_can_be_opened_again() -> None:
    clock = Clock()
    chip = Chip(clock)
    reader = Pn532(wire(chip), clock.pause, clock)
    chip.power(False)
    chip.power(True)
    with pytest.raises(ReaderError, match="does not answer"):
        reader.card()
    assert Pn532(wire(chip), clock.pause, clock).card() is None


def wire(chip: Chip, change: Callable[[bytes], bytes] = lambda data: data) -> Wire:
    """The chip alone; `change` does something to each answer."""

    class Direct:
        def write(self, data: bytes, /) -> None:
            chip.write(data)

        def read(self, count: int, /) -> bytes:
            return change(chip.read(count))

        def close(self) -> None:
            pass

    return Direct()


@pytest.mark.parametrize("at", range(1, 19))
def test_an_answer_with_a_wrong_byte_is_an_error_and_never_another_card(at: int) -> None:
    clock = Clock()
    chip = Chip(clock)
    chip.put(bytes.fromhex("04a1b2c3"))
    broken = False

    def change(data: bytes) -> bytes:
        if not broken or len(data) < 28:
            return data
        return data[:at] + bytes((data[at] ^ 0x10,)) + data[at + 1 :]

    reader = Pn532(wire(chip, change), clock.pause, clock)
    assert reader.card() == bytes.fromhex("04a1b2c3")
    broken = True
    with pytest.raises(ReaderError, match="damaged"):
        reader.card()


def test_another_chip_at_the_address_is_not_taken_for_the_reader() -> None:
    clock = Clock()
    other = Chip(clock)
    other._does = {**other._does, 0x02: lambda _: bytes.fromhex("07010607")}
    with pytest.raises(ReaderError, match="no PN532"):
        Pn532(wire(other), clock.pause, clock)


def test_a_frame_is_as_in_the_manual() -> None:
    assert frame(bytes((0x02,))) == bytes.fromhex("0000ff02fed4022a00")
    assert unframe(bytes.fromhex("0000ff06fad50332010607e800")) == bytes.fromhex("0332010607")
    assert unframe(b"") is None
