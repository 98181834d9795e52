"""pigpiod's I2C commands: handles, the SMBus forms and the zipped transfers, in front of the devices on the bus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from smartevse.twin.lcd import NackError
from smartevse.twin.pigpiod_commands import Cmd, Err

HANDLES = 512
MAX_ADDRESS = 0x7F
BLOCK_BYTES = 32
ZIP_READ_BYTES = 32_768
"""Half of the daemon's buffer: what one zipped command may read."""

Answer = int | bytes


class I2cDevice(Protocol):
    """A chip on the bus. Both raise NackError when it does not answer."""

    def write(self, data: bytes) -> None:
        """One write transfer; empty for a mere call of the address."""

    def read(self, count: int) -> bytes:
        """One read transfer of so many bytes."""


class I2c:
    """The buses of one Pi and the handles that clients have on them.

    `devices` maps (bus, address) to what is there; `buses` are the ones that exist at all.
    """

    def __init__(self, devices: Mapping[tuple[int, int], I2cDevice], buses: frozenset[int] = frozenset({1})) -> None:
        self._devices = devices
        self._buses = buses
        self._open: dict[int, tuple[int, int]] = {}
        self.commands: Mapping[int, Callable[[int, int, bytes], Answer]] = {
            Cmd.I2CO: self._opened,
            Cmd.I2CC: self._closed,
            Cmd.I2CZ: self._zipped,
            **{number: self._form(number) for number in _WRITES.keys() | _READS.keys()},
        }

    def reset(self) -> None:
        """The daemon ended: no handle is open."""
        self._open.clear()

    def _opened(self, bus: int, address: int, ext: bytes) -> int:
        if address > MAX_ADDRESS:
            return Err.BAD_I2C_ADDR
        if word(ext):
            return Err.BAD_FLAGS
        if bus not in self._buses:
            return Err.BAD_I2C_BUS
        handle = next((h for h in range(HANDLES) if h not in self._open), None)
        if handle is None:
            return Err.NO_HANDLE
        self._open[handle] = (bus, address)
        return handle

    def _closed(self, handle: int, _: int, ext: bytes) -> int:
        return Err.BAD_HANDLE if self._open.pop(handle, None) is None else 0

    def _device(self, place: tuple[int, int]) -> I2cDevice:
        device = self._devices.get(place)
        if device is None:
            raise NackError
        return device

    def _form(self, number: int) -> Callable[[int, int, bytes], Answer]:
        """The handler of one of the plain transfers: handle check, parameter check, transfer, answer."""

        def writes(handle: int, register: int, ext: bytes) -> Answer:
            if handle not in self._open:
                return Err.BAD_HANDLE
            data = _WRITES[number](register, ext)
            if data is None:
                return Err.BAD_PARAM
            try:
                self._device(self._open[handle]).write(data)
            except NackError:
                return Err.I2C_WRITE_FAILED
            return 0

        def reads(handle: int, register: int, ext: bytes) -> Answer:
            if handle not in self._open:
                return Err.BAD_HANDLE
            plan = _READS[number](register, ext)
            if plan is None:
                return Err.BAD_PARAM
            data, count, as_number = plan
            try:
                device = self._device(self._open[handle])
                if data is not None:
                    device.write(data)
                got = device.read(count)
            except NackError:
                return Err.I2C_READ_FAILED
            return int.from_bytes(got, "little") if as_number else got

        return writes if number in _WRITES else reads

    def _zipped(self, handle: int, _: int, ext: bytes) -> Answer:
        """Many transfers in one command: a little language of address, flags, read n, write n."""
        if handle not in self._open:
            return Err.BAD_HANDLE
        if not ext:
            return Err.BAD_POINTER
        bus, address = self._open[handle]
        out = bytearray()
        place, wide = 0, False
        while place < len(ext):
            code = ext[place]
            place += 1
            if code == _ZIP_END:
                break
            if code == _ZIP_ESCAPE:
                wide = True
                continue
            if code in (_ZIP_ON, _ZIP_OFF):
                wide = False
                continue
            size = 2 if wide or code == _ZIP_FLAGS else 1
            error = _ZIP_ERRORS.get(code, Err.BAD_I2C_CMD)
            if code not in _ZIP_ERRORS or place + size > len(ext):
                return error
            value = int.from_bytes(ext[place : place + size], "little")
            place, wide = place + size, False
            if code == _ZIP_ADDRESS:
                address = value
            if (code == _ZIP_READ and len(out) + value >= ZIP_READ_BYTES) or (
                code == _ZIP_WRITE and place + value >= len(ext)
            ):
                return error
            try:
                if code == _ZIP_READ:
                    out += self._device((bus, address)).read(value)
                elif code == _ZIP_WRITE:
                    self._device((bus, address)).write(ext[place : place + value])
                    place += value
            except NackError:
                return Err.BAD_I2C_SEG
        return bytes(out)


_ZIP_END, _ZIP_ESCAPE, _ZIP_ON, _ZIP_OFF, _ZIP_ADDRESS, _ZIP_FLAGS, _ZIP_READ, _ZIP_WRITE = range(8)
_ZIP_ERRORS = {
    _ZIP_ADDRESS: Err.BAD_I2C_CMD,
    _ZIP_FLAGS: Err.BAD_I2C_CMD,
    _ZIP_READ: Err.BAD_I2C_RLEN,
    _ZIP_WRITE: Err.BAD_I2C_WLEN,
}


def word(ext: bytes, index: int = 0) -> int:
    """The 32-bit number at a place of an extension; 0 where it is not there."""
    return int.from_bytes(ext[4 * index : 4 * index + 4], "little")


def _block(register: int, ext: bytes, lead: bytes) -> bytes | None:
    good = register <= 0xFF and 1 <= len(ext) <= BLOCK_BYTES
    return bytes((register,)) + lead + ext if good else None


def _value(register: int, ext: bytes, size: int) -> bytes | None:
    value = word(ext)
    good = register <= 0xFF and value < 1 << 8 * size
    return bytes((register,)) + value.to_bytes(size, "little") if good else None


_WRITES: Mapping[int, Callable[[int, bytes], bytes | None]] = {
    Cmd.I2CWD: lambda _, ext: ext or None,
    Cmd.I2CWQ: lambda bit, _: b"" if bit <= 1 else None,
    Cmd.I2CWS: lambda value, _: bytes((value,)) if value <= 0xFF else None,
    Cmd.I2CWB: lambda register, ext: _value(register, ext, 1),
    Cmd.I2CWW: lambda register, ext: _value(register, ext, 2),
    Cmd.I2CWI: lambda register, ext: _block(register, ext, b""),
    Cmd.I2CWK: lambda register, ext: _block(register, ext, bytes((len(ext) & 0xFF,))),
}
"""Command → (register or value, extension) → the bytes of the transfer; None: a parameter is out of range."""

_Plan = tuple[bytes | None, int, bool]


def _register(register: int, count: int, as_number: bool) -> _Plan | None:
    return (bytes((register,)), count, as_number) if register <= 0xFF and count >= 1 else None


def _call(register: int, ext: bytes, data: bytes | None, count: int, as_number: bool) -> _Plan | None:
    return (data, count, as_number) if data is not None else None


_READS: Mapping[int, Callable[[int, bytes], _Plan | None]] = {
    Cmd.I2CRD: lambda count, _: (None, count, False) if 1 <= count <= 0xFFFF else None,
    Cmd.I2CRS: lambda *_: (None, 1, True),
    Cmd.I2CRB: lambda register, _: _register(register, 1, True),
    Cmd.I2CRW: lambda register, _: _register(register, 2, True),
    Cmd.I2CRI: lambda register, ext: _register(register, word(ext) if word(ext) <= BLOCK_BYTES else 0, False),
    Cmd.I2CRK: lambda register, _: _register(register, BLOCK_BYTES, False),
    Cmd.I2CPC: lambda register, ext: _call(register, ext, _value(register, ext, 2), 2, True),
    Cmd.I2CPK: lambda register, ext: _call(
        register, ext, _block(register, ext, bytes((len(ext) & 0xFF,))), BLOCK_BYTES, False
    ),
}
"""Command → (register or count, extension) → (bytes to write before, or None; bytes to read; answer as a number)."""
