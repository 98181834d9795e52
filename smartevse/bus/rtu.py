"""Modbus RTU on the wire: CRC, telling frames apart by their length, reading requests, building answers. Pure.

For the side that answers (a meter, a Sensorbox, this unit as node) and for whoever listens in; a frame here is
always `unit, function, ..., crc low, crc high`. Numbers in a frame are big endian, the CRC little endian.
Source: Modbus application protocol 1.1b3 and "Modbus over serial line" 1.02.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

MAX_FRAME_BYTES = 256
"""The longest frame of the standard, unit and CRC included."""
MAX_READ_REGISTERS = 125
MAX_WRITE_REGISTERS = 123
BROADCAST = 0
"""The unit that all listen to and nobody answers."""
CHARACTER_BITS = 10
"""Start, eight data, stop."""
GAP_CHARACTERS = 3.5
"""The silence that ends a frame."""
SHORTEST_GAP_S = 0.00175
"""The same for lines faster than 19200 baud."""


class FrameError(ValueError):
    """Bytes that are no frame, or no request; the text is one sentence that says why."""


class Function(IntEnum):
    """The function codes that are spoken on the bus."""

    READ_HOLDING = 3
    READ_INPUT = 4
    WRITE_ONE = 6
    WRITE_MANY = 16


class ExceptionCode(IntEnum):
    """Why a unit refuses a request that it understood."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_ADDRESS = 2
    ILLEGAL_VALUE = 3
    DEVICE_FAILURE = 4


def _crc_row(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value


_CRC_TABLE = tuple(_crc_row(i) for i in range(256))


def crc16(data: bytes) -> int:
    """The CRC of Modbus (polynomial 0xA001 reflected, start 0xFFFF); sent low byte first."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc


def seal(body: bytes) -> bytes:
    """A frame: the body (unit, function, data) with its CRC."""
    return body + crc16(body).to_bytes(2, "little")


def is_sealed(frame: bytes) -> bool:
    """Whether these bytes are a whole frame with a good CRC; 4 to 256 bytes."""
    return 4 <= len(frame) <= MAX_FRAME_BYTES and crc16(frame[:-2]) == int.from_bytes(frame[-2:], "little")


def gap_s(baud: int) -> float:
    """How long the line must be silent between two frames, be the second one a question or an answer."""
    return max(GAP_CHARACTERS * CHARACTER_BITS / baud, SHORTEST_GAP_S)


def request_bytes(head: bytes | bytearray) -> int | None:
    """How long the request that begins with `head` is, CRC included; None while `head` is too short to tell.

    Raises FrameError for a function code whose requests have no known length.
    """
    if len(head) < 2:
        return None
    function = head[1]
    if 1 <= function <= 6:
        return 8
    if function in (15, 16):
        return 9 + head[6] if len(head) > 6 else None
    raise FrameError(f"function {function} is not known here, so the length of its request is not known either")


def response_bytes(head: bytes) -> int | None:
    """How long the answer that begins with `head` is, CRC included; None while `head` is too short to tell.

    Raises FrameError for a function code whose answers have no known length.
    """
    if len(head) < 2:
        return None
    function = head[1]
    if function & 0x80:
        return 5
    if 1 <= function <= 4:
        return 5 + head[2] if len(head) > 2 else None
    if function in (5, 6, 15, 16):
        return 8
    raise FrameError(f"function {function} is not known here, so the length of its answer is not known either")


@dataclass(frozen=True, slots=True)
class Request:
    """What a master asks of a unit.

    `values` holds the registers to write (functions 6 and 16), and is empty for a read; `count` is the number of
    registers, 1 to 125.
    """

    unit: int
    function: Function
    address: int
    count: int
    values: tuple[int, ...] = ()


def parse_request(frame: bytes) -> Request:
    """The request in a whole frame. Raises FrameError when the CRC, the length or a count is wrong."""
    if not is_sealed(frame):
        raise FrameError(f"{len(frame)} bytes that are no frame: too short, too long or a wrong checksum")
    expected = request_bytes(frame)
    if expected != len(frame):
        raise FrameError(f"a request of function {frame[1]} has {expected} bytes, this one has {len(frame)}")
    unit, code, address, word = struct.unpack_from(">BBHH", frame)
    try:
        function = Function(code)
    except ValueError as error:
        raise FrameError(f"function {code} is not spoken here (3, 4, 6 and 16 are)") from error
    match function:
        case Function.WRITE_ONE:
            return Request(unit, function, address, 1, (word,))
        case Function.WRITE_MANY:
            if not 1 <= word <= MAX_WRITE_REGISTERS or frame[6] != 2 * word:
                raise FrameError(f"a write of {word} registers with {frame[6]} bytes; 1 to {MAX_WRITE_REGISTERS} go")
            return Request(unit, function, address, word, words_in(frame[7:-2]))
        case _:
            if not 1 <= word <= MAX_READ_REGISTERS:
                raise FrameError(f"a read of {word} registers; 1 to {MAX_READ_REGISTERS} go")
            return Request(unit, function, address, word)


def build_request(request: Request) -> bytes:
    """The frame of a request; what `parse_request` reads back."""
    head = struct.pack(">BBH", request.unit, request.function, request.address)
    match request.function:
        case Function.WRITE_ONE:
            return seal(head + struct.pack(">H", request.values[0]))
        case Function.WRITE_MANY:
            data = pack_words(request.values)
            return seal(head + struct.pack(">HB", request.count, len(data)) + data)
        case _:
            return seal(head + struct.pack(">H", request.count))


def build_read_response(request: Request, words: Sequence[int]) -> bytes:
    """The answer to a read: as many registers (0 to 65535 each) as were asked for."""
    if len(words) != request.count:
        raise ValueError(f"{request.count} registers were asked for, {len(words)} are to be sent")
    data = pack_words(words)
    return seal(bytes((request.unit, request.function, len(data))) + data)


def build_write_response(request: Request) -> bytes:
    """The answer to a write that was done: function 6 repeats it, function 16 tells address and count."""
    word = request.values[0] if request.function is Function.WRITE_ONE else request.count
    return seal(struct.pack(">BBHH", request.unit, request.function, request.address, word))


def build_exception(unit: int, function: int, code: ExceptionCode) -> bytes:
    """The answer of a unit that refuses."""
    return seal(bytes((unit, function | 0x80, code)))


def pack_words(words: Sequence[int]) -> bytes:
    """Registers as they go over the wire, high byte first."""
    return struct.pack(f">{len(words)}H", *words)


def words_in(data: bytes) -> tuple[int, ...]:
    """The registers in an even number of bytes, high byte first."""
    return struct.unpack(f">{len(data) // 2}H", data)


def take_requests(stream: bytearray) -> list[bytes]:
    """Take every whole request out of a stream, drop what cannot be one, and leave a beginning that may become one.

    For a listener that cannot see the gaps between frames: after noise it finds the next good frame by its CRC.
    """
    found: list[bytes] = []
    while len(stream) >= 2:
        try:
            length = request_bytes(stream)
        except FrameError:
            del stream[0]
            continue
        if length is None or length > len(stream):
            if length is not None and length > MAX_FRAME_BYTES:
                del stream[0]
                continue
            if not (later := _first_sealed(stream)):
                break
            del stream[:later]
            continue
        if is_sealed(bytes(stream[:length])):
            found.append(bytes(stream[:length]))
            del stream[:length]
        else:
            del stream[0]
    return found


def _first_sealed(stream: bytearray) -> int:
    """Where, after its first byte, a whole request begins in the stream; 0 when nowhere."""
    for start in range(1, len(stream) - 7):
        try:
            length = request_bytes(stream[start : start + 7])
        except FrameError:
            continue
        if length is not None and start + length <= len(stream) and is_sealed(bytes(stream[start : start + length])):
            return start
    return 0
