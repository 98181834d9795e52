"""The socket on which the station is told things, with the real command."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from pathlib import Path

import pytest

from smartevse.station import tell
from smartevse.station.hearing import FILE_NAME, MOST_BYTES, Hearing
from smartevse.station.told import ToldError


def hear(line: str) -> str:
    if line == "no":
        raise ToldError("that is not how it is")
    return f"heard {line}" if line else "nothing was told"


def run(folder: Path, *words: str) -> int:
    config = folder / "smartevse.toml"
    config.touch()
    return tell.main(["--config", str(config), *words], {"STATE_DIRECTORY": str(folder)})


async def listening(folder: Path) -> asyncio.Task[None]:
    task = asyncio.create_task(Hearing(folder, hear).run())
    async with asyncio.timeout(5):
        while not (folder / FILE_NAME).exists() and not task.done():
            await asyncio.sleep(0.005)
    return task


def test_a_line_gets_its_answer_and_the_exit_status_says_whether_it_was_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story() -> None:
        task = await listening(tmp_path)
        assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o660
        assert await asyncio.to_thread(run, tmp_path, "battery", "-12.5") == 0
        assert await asyncio.to_thread(run, tmp_path) == 0
        assert await asyncio.to_thread(run, tmp_path, "no") == 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not (tmp_path / FILE_NAME).exists()

    asyncio.run(story())
    said = capsys.readouterr()
    assert said.out.splitlines() == ["heard battery -12.5", "nothing was told"]
    assert said.err == "that is not how it is\n"


def test_without_a_station_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "battery", "5") == 3
    assert "no station answers at" in capsys.readouterr().err


def test_callers_that_say_too_much_or_nothing_are_dropped_and_others_are_heard(tmp_path: Path) -> None:
    async def story() -> None:
        task = await listening(tmp_path)
        path = tmp_path / FILE_NAME
        silent = [await asyncio.open_unix_connection(path) for _ in range(3)]
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"x" * 2 * MOST_BYTES + b"\n")
        assert await reader.read() == b""
        writer.close()
        assert await asyncio.to_thread(run, tmp_path, "battery", "1") == 0
        async with asyncio.timeout(5):
            assert [await reader.read() for reader, _ in silent] == [b""] * 3
        for _, quiet in silent:
            quiet.close()
        task.cancel()

    asyncio.run(story())


def test_a_socket_that_a_killed_station_left_is_replaced_and_one_that_is_served_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left.bind(str(tmp_path / FILE_NAME))
    left.close()

    async def story() -> None:
        task = await listening(tmp_path)
        async with asyncio.timeout(5):
            while await asyncio.to_thread(run, tmp_path, "battery", "1"):
                await asyncio.sleep(0.01)
        await Hearing(tmp_path, hear).run()
        assert await asyncio.to_thread(run, tmp_path, "battery", "1") == 0
        task.cancel()

    asyncio.run(story())
    assert "another station listens there" in caplog.text


def test_where_no_socket_can_be_made_it_is_said_once_and_the_station_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        asyncio.run(Hearing(tmp_path / "missing", hear).run())
    assert "nobody can tell the station anything" in caplog.text
    assert os.listdir(tmp_path) == []
