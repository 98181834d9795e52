"""A node on the simulated line, judged by another Modbus stack: mbpoll, which is libmodbus."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import serial

from smartevse.bus import rtu
from smartevse.bus.device import obstacle
from smartevse.bus.listener import Heard, Kind
from smartevse.bus.node import Node, Own
from smartevse.bus.node_line import NodeLine
from smartevse.bus.units import BusState
from tests.twin.running import Twin, running

CHARGING = Own(BusState.C, current_da=160, mode=1, access=1, max_a=32, temperature_c=-5)
ASK = bytes.fromhex("03 04 00 00 00 08 f0 2e")
STATUS = bytes.fromhex("03 04 10 00 02 00 00 00 a0 00 01 00 00 00 01 00 00 00 20 9d 1f")


@contextlib.asynccontextmanager
async def node_on(twin: Twin, overheard: Callable[[Heard], None] | None = None) -> AsyncIterator[tuple[Node, NodeLine]]:
    """Node 2 at the end of unit 0."""
    node = Node(2)
    node.show(CHARGING)
    line = NodeLine(twin.bus(0), 9600, node, time.monotonic, overheard)
    task = asyncio.create_task(line.run())
    await until(lambda: line.connected)
    try:
        yield node, line
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.005)


def exchange(device: str, *frames: bytes, wait_s: float = 1.0) -> bytes:
    """What comes back after these bytes."""
    with serial.Serial(device, 9600, timeout=wait_s) as line:
        for frame in frames:
            line.write(frame)
        return bytes(line.read(21))


async def answer(device: str, *frames: bytes) -> bytes:
    """What comes back, asked again as a master does: a Node that the machine held up leaves a question."""
    for _ in range(5):
        if found := await asyncio.to_thread(exchange, device, *frames):
            return found
    return b""


async def mbpoll(device: str, *arguments: str) -> tuple[int, dict[int, int]]:
    """Exit status and registers of one call."""
    command = ["mbpoll", "-m", "rtu", "-b", "9600", "-P", "none", "-a", "3", "-0", "-1", *arguments]
    place = command.index("--") if "--" in command else len(command)
    whole = [*command[:place], device, *command[place + 1 :]]
    for _ in range(5):
        done = await asyncio.to_thread(subprocess.run, whole, capture_output=True, text=True, check=False)
        if "timed out" not in done.stderr:
            break
    return done.returncode, {int(at): int(value) for at, value in re.findall(r"\[(\d+)\]:\s+(\d+)", done.stdout)}


def test_a_question_is_answered_in_one_piece_and_others_are_left_to_others(tmp_path: Path) -> None:
    async def story(twin: Twin) -> None:
        async with node_on(twin):
            assert await answer(twin.bus(1), ASK) == STATUS
            assert await answer(twin.bus(1), b"\x00" + ASK) == STATUS, "a stray byte before it"
            other = rtu.seal(bytes.fromhex("04 04 00 00 00 08"))
            assert await asyncio.to_thread(exchange, twin.bus(1), other, wait_s=0.3) == b""

    with running(tmp_path, units=2) as twin:
        asyncio.run(story(twin))


def test_question_and_answer_are_two_frames_for_all_others(tmp_path: Path) -> None:
    async def story(twin: Twin) -> None:
        async with node_on(twin):
            for _ in range(3):
                answered = b""
                while not answered:
                    before = (await asyncio.to_thread(twin.ask, "state"))["bus"]["frames"]
                    answered = await asyncio.to_thread(exchange, twin.bus(1), ASK)
                    await asyncio.sleep(0.05)
                assert answered == STATUS
                assert (await asyncio.to_thread(twin.ask, "state"))["bus"]["frames"] == before + 2

    with running(tmp_path, units=2) as twin:
        asyncio.run(story(twin))


def test_a_question_that_is_found_only_by_the_silence_behind_it_is_left_and_never_answered_later(
    tmp_path: Path,
) -> None:
    async def story(twin: Twin) -> None:
        async with node_on(twin):
            for _ in range(2):
                assert await answer(twin.bus(1), ASK) == STATUS
                beginning = bytes.fromhex("09 10 00 20 00 0b 16")  # of 31 bytes
                assert await asyncio.to_thread(exchange, twin.bus(1), beginning + ASK, wait_s=0.3) == b""
            assert await answer(twin.bus(1), ASK) == STATUS

    with running(tmp_path, units=2) as twin:
        asyncio.run(story(twin))


def test_a_question_that_it_finds_after_having_been_held_up_is_left(tmp_path: Path) -> None:
    async def story(twin: Twin) -> None:
        async with node_on(twin):
            asked = asyncio.create_task(asyncio.to_thread(exchange, twin.bus(1), ASK))
            await asyncio.sleep(0)
            time.sleep(0.4)  # a machine that stands still
            assert await asked == b""
            assert await answer(twin.bus(1), ASK) == STATUS

    with running(tmp_path, units=2) as twin:
        asyncio.run(story(twin))


def test_nobody_else_gets_its_line(tmp_path: Path) -> None:
    async def story(twin: Twin) -> None:
        async with node_on(twin):
            assert "is used by another program" in str(obstacle(twin.bus(0)))
        assert obstacle(twin.bus(0)) is None

    with running(tmp_path, units=2) as twin:
        asyncio.run(story(twin))


def test_it_overhears_the_meter_that_the_master_asks(tmp_path: Path) -> None:
    async def story(twin: Twin) -> list[Heard]:
        items: list[Heard] = []
        ask_meter = rtu.seal(bytes.fromhex("0c 04 00 00 00 06"))
        async with node_on(twin, items.append):
            assert len(await asyncio.to_thread(exchange, twin.bus(1), ask_meter, wait_s=0.4)) == 17
            await until(lambda: len(items) == 2)
        return items

    with running(tmp_path, units=2) as twin:
        asked, answered = asyncio.run(story(twin))
    assert (asked.kind, answered.kind, answered.request) == (Kind.REQUEST, Kind.ANSWER, asked.request)
    assert answered.words == (0x4366, 0) * 3


def test_it_comes_back_when_its_adapter_does(tmp_path: Path) -> None:
    async def story(twin: Twin) -> None:
        async with node_on(twin) as (_, line):
            await asyncio.to_thread(twin.tell, "bus cut")
            await until(lambda: not line.connected)
            await asyncio.to_thread(twin.tell, "bus restore")
            await until(lambda: line.connected)
            assert await answer(twin.bus(1), ASK) == STATUS

    with running(tmp_path, units=2) as twin:
        asyncio.run(story(twin))


@pytest.mark.skipif(shutil.which("mbpoll") is None, reason="mbpoll is not installed (Debian package mbpoll)")
def test_libmodbus_reads_and_writes_it_and_is_refused_what_cannot_be(tmp_path: Path) -> None:
    async def story(twin: Twin) -> None:
        device = twin.bus(1)
        async with node_on(twin) as (node, _):
            status = {0: 2, 1: 0, 2: 160, 3: 1, 4: 0, 5: 1, 6: 0, 7: 32}
            assert await mbpoll(device, "-t", "3", "-r", "0", "-c", "8") == (0, status)
            assert await mbpoll(device, "-t", "4", "-r", "0", "-c", "8") == (0, status)
            assert (await mbpoll(device, "-t", "4", "-r", "12", "-c", "1"))[0] != 0
            assert (await mbpoll(device, "-t", "4", "-r", "259", "--", "20"))[0] == 0
            assert node.told.config == {"MAX": 20}
            assert (await mbpoll(device, "-t", "4", "-r", "259", "--", "81"))[0] != 0
            assert (await mbpoll(device, "-t", "4", "-r", "3", "--", "2", "600"))[0] == 0
            assert (node.told.config, node.told.mode, node.told.solar_timer_s) == ({"MAX": 20}, 2, 600)

    with running(tmp_path, units=2) as twin:
        asyncio.run(story(twin))
