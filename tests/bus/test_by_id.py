"""An adapter that comes back under another name is found by its link in /dev/serial/by-id, without a restart.

The kernel gives `ttyUSB1` to an adapter that returns while somebody still has `ttyUSB0` open; udev moves the link. Here
the devices are ptys, so that both sides of the line are the real code over real terminals.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
import tty
from pathlib import Path

import pytest

from smartevse.bus.meter import Request
from smartevse.bus.node import Node, Own
from smartevse.bus.node_line import NodeLine
from smartevse.bus.port import BusError, Port
from smartevse.bus.units import BusState
from tests.bus.test_port import Slave, registers, running, until

CURRENTS = Request(4, 6, 2)
ASK = bytes.fromhex("03 04 00 00 00 08 f0 2e")
STATUS = bytes.fromhex("03 04 10 00 02 00 00 00 a0 00 01 00 00 00 01 00 00 00 20 9d 1f")


def lead(link: Path, name: str) -> None:
    """What udev does: the adapter's own name leads to this device from now on."""
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(f"../{name}")


def test_the_master_side_finds_its_adapter_under_another_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    link = tmp_path / "by-id" / "usb-FTDI_FT232R-if00-port0"

    others: list[int] = []

    async def story() -> None:
        slave = Slave(tmp_path / "ttyUSB0", registers)
        lead(link, "ttyUSB0")
        async with running(Port(str(link), 9600)) as port:
            for name in ("ttyUSB1", "ttyUSB0", "ttyUSB1"):
                await until(lambda: port.connected)
                assert list(await port.read(12, CURRENTS)) == [7, 8]
                slave.unplug()
                link.unlink()
                await until(lambda: not port.connected)
                with pytest.raises(BusError, match="is not open"):
                    await port.read(12, CURRENTS)
                others.extend(os.openpty())  # somebody else gets the number that became free
                slave = Slave(tmp_path / name, registers)
                lead(link, name)
            await until(lambda: port.connected)
            assert list(await port.read(12, CURRENTS)) == [7, 8]
        slave.unplug()

    asyncio.run(story())
    for file in others:
        os.close(file)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_an_adapter_that_is_back_at_once_under_another_name_is_found_too(tmp_path: Path) -> None:
    link = tmp_path / "by-id" / "usb-FTDI_FT232R-if00-port0"

    async def story() -> None:
        slave = Slave(tmp_path / "ttyUSB0", registers)
        lead(link, "ttyUSB0")
        async with running(Port(str(link), 9600)) as port:
            await until(lambda: port.connected)
            new = Slave(tmp_path / "ttyUSB1", registers)
            lead(link, "ttyUSB1")
            slave.unplug()
            asked = 0
            while not new.requests:
                asked += 1
                with contextlib.suppress(BusError):
                    await port.read(12, CURRENTS)
                await asyncio.sleep(0.01)
            assert list(await port.read(12, CURRENTS)) == [7, 8]
        new.unplug()

    asyncio.run(story())


def test_a_node_answers_again_through_its_adapter_under_another_name(tmp_path: Path) -> None:
    link = tmp_path / "by-id" / "usb-FTDI_FT232R-if00-port0"

    def plugged(name: str) -> tuple[int, int]:
        far, near = os.openpty()
        tty.setraw(far)
        os.set_blocking(far, False)
        (tmp_path / name).symlink_to(os.ttyname(near))
        lead(link, name)
        return far, near

    async def asked(far: int) -> bytes:
        os.write(far, ASK)
        answer = bytearray()
        async with asyncio.timeout(20):
            while len(answer) < len(STATUS):
                with contextlib.suppress(BlockingIOError):
                    answer += os.read(far, 64)
                await asyncio.sleep(0.005)
        return bytes(answer)

    async def story() -> None:
        node = Node(2)
        node.show(Own(BusState.C, current_da=160, mode=1, access=1, max_a=32))
        line = NodeLine(str(link), 9600, node, time.monotonic)
        far, near = plugged("ttyUSB0")
        task = asyncio.create_task(line.run())
        await until(lambda: line.connected)
        assert await asked(far) == STATUS
        for file in (near, far):
            os.close(file)
        (tmp_path / "ttyUSB0").unlink()
        link.unlink()
        await until(lambda: not line.connected)
        others = os.openpty()
        far, near = plugged("ttyUSB1")
        await until(lambda: line.connected)
        assert await asked(far) == STATUS
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for file in (near, far, *others):
            os.close(file)

    asyncio.run(story())
