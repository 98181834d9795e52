"""The RS485 line: one owner, one request at a time, and it comes back by itself. A real pty, the real Modbus client."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import struct
import tty
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from smartevse.bus.listener import Heard
from smartevse.bus.meter import Request
from smartevse.bus.port import BusError, Garbled, GaveWay, Port, Refused
from smartevse.bus.rtu import crc16

CURRENTS = Request(4, 6, 2)


class Slave:
    """The far end of the line: answers each request with what `answer` makes of it, at once and as a whole."""

    def __init__(self, link: Path, answer: Callable[[bytes], bytes]) -> None:
        self.requests: list[bytes] = []
        self.at_s: list[float] = []
        """When each request came."""
        self.answer = answer
        self._far, self._near = os.openpty()
        tty.setraw(self._far)
        os.set_blocking(self._far, False)
        self._link = link
        link.symlink_to(os.ttyname(self._near))
        asyncio.get_running_loop().add_reader(self._far, self._ready)

    def _ready(self) -> None:
        with contextlib.suppress(BlockingIOError):
            request = os.read(self._far, 256)
            self.requests.append(request)
            self.at_s.append(asyncio.get_running_loop().time())
            os.write(self._far, self.answer(request))

    def say(self, data: bytes) -> None:
        """Speak without being asked."""
        os.write(self._far, data)

    def unplug(self) -> None:
        """Pull the adapter out."""
        asyncio.get_running_loop().remove_reader(self._far)
        os.close(self._near)
        os.close(self._far)
        self._link.unlink()


def reply(body: bytes) -> bytes:
    return body + struct.pack("<H", crc16(body))


def registers(request: bytes) -> bytes:
    """An answer with two registers, 7 and 8."""
    return reply(bytes((request[0], request[1], 4, 0, 7, 0, 8)))


def refusal(request: bytes) -> bytes:
    return reply(bytes((request[0], request[1] | 0x80, 2)))


def silence(_: bytes) -> bytes:
    return b""


@contextlib.asynccontextmanager
async def running(port: Port) -> AsyncIterator[Port]:
    """The port with its task, ended afterwards."""
    task = asyncio.create_task(port.run())
    try:
        yield port
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


def test_a_request_is_answered_with_its_registers(tmp_path: Path) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", registers)
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            assert list(await port.read(12, CURRENTS)) == [7, 8]
        assert slave.requests == [reply(bytes((12, 4, 0, 6, 0, 2)))]
        slave.unplug()

    asyncio.run(story())


def test_requests_of_several_tasks_never_overlap(tmp_path: Path) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", registers)
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            answers = await asyncio.gather(*(port.read(device, CURRENTS) for device in range(10, 20)))
        assert [list(answer) for answer in answers] == [[7, 8]] * 10
        assert [len(request) for request in slave.requests] == [8] * 10
        slave.unplug()

    asyncio.run(story())


def test_silence_and_refusal_are_told_apart_and_neither_closes_the_line(tmp_path: Path) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", silence)
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            for _ in range(5):
                with pytest.raises(BusError, match="address"):
                    await port.read(12, CURRENTS)
            slave.answer = refusal
            with pytest.raises(Refused, match="device 12 refuses 2 registers from 0x0006"):
                await port.read(12, CURRENTS)
            slave.answer = registers
            assert list(await port.read(12, CURRENTS)) == [7, 8]
        slave.unplug()

    asyncio.run(story())


def test_an_adapter_that_was_pulled_out_works_again_when_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def story() -> None:
        slave = Slave(tmp_path / "bus0", registers)
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            slave.unplug()
            await until(lambda: "is not there" in caplog.text)
            with pytest.raises(BusError, match="is not open"):
                await port.read(12, CURRENTS)
            slave = Slave(tmp_path / "bus0", registers)
            await until(lambda: port.connected)
            assert list(await port.read(12, CURRENTS)) == [7, 8]
            slave.unplug()

    asyncio.run(story())
    said = [record.getMessage() for record in caplog.records if record.name == "smartevse.bus"]
    assert sum("is not there" in line for line in said) == 1
    assert said[-1].endswith("is open")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "is not there: plug the adapter in or correct [bus] device"),
        (lambda path: path.write_text("no line"), "is not a serial port"),
        (lambda path: path.mkdir(), "cannot be opened (Is a directory)"),
    ],
    ids=["absent", "a file", "a directory"],
)
def test_a_line_that_cannot_be_opened_is_said_once_with_what_to_do(
    make: Callable[[Path], object], sentence: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make(tmp_path / "bus0")

    async def story() -> None:
        async with running(Port(str(tmp_path / "bus0"), 9600)):
            await until(lambda: bool(caplog.records))

    asyncio.run(story())
    (record,) = caplog.records
    assert sentence in record.getMessage()
    assert "charging in Normal mode goes on" in record.getMessage()


def test_a_line_that_another_program_uses_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", registers)
        async with running(Port(str(tmp_path / "bus0"), 9600)) as first:
            await until(lambda: first.connected)
            async with running(Port(str(tmp_path / "bus0"), 9600)) as second:
                await until(lambda: "used by another program" in caplog.text)
                assert not second.connected
        slave.unplug()

    asyncio.run(story())


def test_a_task_that_is_to_end_in_the_middle_of_a_request_ends(tmp_path: Path) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", silence)
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            task = asyncio.create_task(port.read(12, CURRENTS))
            await until(lambda: bool(slave.requests))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        slave.unplug()

    asyncio.run(story())


@pytest.mark.parametrize("stray", [b"\x00", b"\xff", b"\x0c\x00", b"\x00\xff\x00"])
def test_stray_bytes_before_an_answer_do_not_lose_it(tmp_path: Path, stray: bytes) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", lambda request: stray + registers(request))
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            for _ in range(5):
                assert list(await port.read(12, CURRENTS)) == [7, 8]
        slave.unplug()

    asyncio.run(story())


def test_a_write_is_confirmed_or_refused(tmp_path: Path) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", lambda request: request)
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            await port.write_one(10, 0x0800, 2)
            assert slave.requests == [bytes.fromhex("0a 06 08 00 00 02 0b 10")]
            slave.answer = refusal
            with pytest.raises(Refused, match="refuses 3 in register 0x0800"):
                await port.write_one(10, 0x0800, 3)
        slave.unplug()

    asyncio.run(story())


def test_a_device_may_take_fewer_registers_than_it_was_told(tmp_path: Path) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", lambda request: reply(request[:4] + b"\x00\x02"))
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            assert await port.write_many(3, 0, (5, 0, 0, 1)) == 2
        assert slave.requests == [reply(bytes.fromhex("03 10 00 00 00 04 08 00 05 00 00 00 00 00 01"))]
        slave.unplug()

    asyncio.run(story())


@pytest.mark.parametrize("refused", ["03 04 02 02 c1", "03 84 02 63 01"])
def test_both_styles_of_refusal_are_understood_at_once(refused: str, tmp_path: Path) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", lambda _: bytes.fromhex(refused))
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            with pytest.raises(Refused):
                await port.read(3, CURRENTS)
        slave.unplug()

    asyncio.run(story())


def test_what_all_are_told_is_not_waited_for_and_keeps_the_line_for_its_bytes(tmp_path: Path) -> None:
    async def story() -> float:
        slave = Slave(tmp_path / "bus0", lambda request: registers(request) if request[0] != 9 else b"")
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            clock = asyncio.get_running_loop().time
            start_s = clock()
            await port.broadcast(0x20, (160,) * 11)
            await port.broadcast(1, (1,), single=True)
            assert list(await port.read(12, CURRENTS)) == [7, 8]
            took_s = clock() - start_s
        assert slave.requests[1] == bytes.fromhex("09 06 00 01 00 01 18 82")
        slave.unplug()
        return took_s

    assert asyncio.run(story()) >= (31 + 8) * 10 / 9600


def test_damaged_answers_are_told_from_silence(tmp_path: Path) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", lambda request: registers(request)[:-1] + b"\x00")
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            with pytest.raises(Garbled, match="two devices have its number"):
                await port.read(12, CURRENTS)
        slave.unplug()

    asyncio.run(story())


def test_questions_of_another_master_are_overheard_and_answers_are_not_mixed_up(tmp_path: Path) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", registers)
        port = Port(str(tmp_path / "bus0"), 9600)
        heard: list[Heard] = []
        port.overheard = heard.append
        async with running(port):
            await until(lambda: port.connected)
            slave.say(bytes.fromhex("03 04 00 00 00 08 f0 2e"))
            await until(lambda: bool(heard))
            assert list(await port.read(12, CURRENTS)) == [7, 8]
            slave.say(bytes.fromhex("03 04 00 00"))
            slave.say(bytes.fromhex("00 08 f0 2e"))
            await until(lambda: len(heard) == 2)
        assert [item.request.unit for item in heard if item.request is not None] == [3, 3]
        assert not port.gave_way, "a Master does not give way"
        slave.unplug()

    asyncio.run(story())


@pytest.mark.parametrize("stray", [b"\x00", b"\xff", b"\x0c\x04"])
def test_stray_bytes_spoil_at_most_the_answer_that_they_precede(stray: bytes, tmp_path: Path) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", lambda request: stray + registers(request))
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            with contextlib.suppress(BusError):
                await port.read(12, CURRENTS)
            slave.answer = registers
            for _ in range(3):
                assert list(await port.read(12, CURRENTS)) == [7, 8]
        slave.unplug()

    asyncio.run(story())


def test_the_line_is_silent_for_three_and_a_half_characters_before_each_question(tmp_path: Path) -> None:
    async def story() -> list[float]:
        slave = Slave(tmp_path / "bus0", registers)
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            for _ in range(20):
                await port.read(12, CURRENTS)
        slave.unplug()
        return slave.at_s

    at_s = asyncio.run(story())
    assert min(later - before for before, later in itertools.pairwise(at_s)) >= 3.5 * 10 / 9600


def test_an_answer_that_begins_late_and_comes_in_pieces_is_one_answer(tmp_path: Path) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", silence)

        def pieces(request: bytes) -> bytes:
            answer, later = registers(request), asyncio.get_running_loop().call_later
            later(0.02, slave.say, answer[:4])
            later(0.04, slave.say, answer[4:])
            return b""

        slave.answer = pieces
        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            assert list(await port.read(12, CURRENTS)) == [7, 8]
        slave.unplug()

    asyncio.run(story())


def test_a_line_that_is_never_quiet_is_spoken_on_all_the_same(tmp_path: Path) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", registers)

        async def babble() -> None:
            while True:
                slave.say(b"\xff")
                await asyncio.sleep(0.001)

        async with running(Port(str(tmp_path / "bus0"), 9600)) as port:
            await until(lambda: port.connected)
            babbler = asyncio.create_task(babble())
            with contextlib.suppress(BusError):
                await port.read(12, CURRENTS)
            babbler.cancel()
            assert list(await port.read(12, CURRENTS)) == [7, 8]
        assert len(slave.requests) == 2
        slave.unplug()

    asyncio.run(story())


FOREIGN = bytes.fromhex("03 04 00 00 00 08 f0 2e")


def test_a_unit_that_stands_alone_leaves_the_line_to_another_master_until_that_is_quiet(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def story() -> None:
        slave = Slave(tmp_path / "bus0", registers)
        port = Port(str(tmp_path / "bus0"), 9600)
        port.gives_way = True
        heard: list[Heard] = []
        port.overheard = heard.append
        async with running(port):
            await until(lambda: port.connected)
            slave.say(FOREIGN)
            await until(lambda: bool(heard))
            at_s = asyncio.get_running_loop().time()
            for _ in range(2):
                with pytest.raises(GaveWay, match="another master asks"):
                    await port.read(12, CURRENTS)
            assert port.gave_way
            assert slave.requests == []
            while not slave.requests:
                with contextlib.suppress(GaveWay):
                    assert list(await port.read(12, CURRENTS)) == [7, 8]
                await asyncio.sleep(0.01)
            assert asyncio.get_running_loop().time() - at_s > 3.5
            assert not port.gave_way
        slave.unplug()

    asyncio.run(story())
    said = [record.getMessage() for record in caplog.records if "master" in record.getMessage()]
    assert [line.split()[0] for line in said] == ["another", "no"], "once each"


def test_what_others_are_answered_is_overheard_however_long_nothing_is_asked(tmp_path: Path) -> None:
    async def story() -> None:
        slave = Slave(tmp_path / "bus0", registers)
        port = Port(str(tmp_path / "bus0"), 9600)
        heard: list[Heard] = []
        port.overheard = heard.append
        async with running(port):
            await until(lambda: port.connected)
            question = reply(bytes((12, 4, 0, 6, 0, 2)))
            for count in range(1, 121):  # more than the client's own buffer holds
                slave.say(question)
                await until(lambda count=count: len(heard) == 2 * count - 1)  # type: ignore[misc]
                slave.say(registers(question))
                await until(lambda count=count: len(heard) == 2 * count)  # type: ignore[misc]
            assert [item.words for item in heard[1::2]] == [(7, 8)] * 120
            assert list(await port.read(12, CURRENTS)) == [7, 8]
        slave.unplug()

    asyncio.run(story())
