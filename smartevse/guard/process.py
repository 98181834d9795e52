"""The guard's process: `smartevse guard --config FILE`."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from smartevse.config import EXIT_CONFIG, ConfigError, load
from smartevse.core.diary import Diary
from smartevse.drivers.foreign import foreign
from smartevse.drivers.journal_socket import Lines
from smartevse.guard import realtime, recorder
from smartevse.guard.link import Link
from smartevse.guard.loop import Guard
from smartevse.hal import backend
from smartevse.hal import hat as hat_map
from smartevse.hal.board import BoardGoneError, BoardUnfitError

EXIT_BOARD = 1
"""The hat or pigpiod is gone: systemd starts the guard again."""
ALIVE_EVERY_NS = 500_000_000
LET_GO_EVERY_NS = 10_000_000_000
"""Some 100 tuples are let go then."""


def main(arguments: Sequence[str]) -> int:
    """Run the guard until SIGTERM; returns the exit status: 0 asked to end, 1 hat lost, 78 configuration."""
    lines = Lines(os.environ, sys.stderr, "guard: ")
    say = lines.say
    path = _config_path(arguments)
    if path is None:
        say("usage: smartevse guard --config FILE")
        return 2
    hat = hat_map.load()
    try:
        config = load(path, os.environ)
        board = backend.board(config.hat.backend, config.hat.host, config.hat.port, hat)
        link = Link(config.guard.socket)
    except (ConfigError, BoardUnfitError, FileExistsError) as error:
        say(str(error))
        return EXIT_CONFIG
    except OSError as error:
        say(
            f"cannot listen at {config.guard.socket} ({error}): create its folder, writable for this user,"
            f" or set another socket in [guard] of {path}"
        )
        return EXIT_CONFIG
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda signum, _: asked.append(signum))
    missing = realtime.prepare()
    for sentence in missing:
        say(sentence)
    flight = recorder.beside(config.guard.socket, hat.raw["revision"], say)
    guard = Guard(board, hat, link, flight, mirror_contact=config.hat.mirror_contact, realtime=not missing)
    service = _Service(lines)
    try:
        guard.run(lambda: bool(asked), service.turned)
    except BoardUnfitError as error:
        say(f"{error}; charging is not possible until then")
        return EXIT_CONFIG
    except BoardGoneError as error:
        stranger = foreign(config.hat.host, config.hat.port, time.monotonic()) if guard.report is None else None
        if stranger is not None:
            say(f"{stranger}; charging is not possible until then")
            return EXIT_CONFIG
        say(f"{error}; the outputs cannot be driven, the hat opens the contactor by itself")
        return EXIT_BOARD
    finally:
        link.close()
        lines.close()
        if flight is not None:
            flight.close(asked=bool(asked))
    say("ended as asked, contactor open")
    return 0


class _Service:
    """Tells the service manager that the loop turns; ready once the pilot is live and the heartbeat runs.

    It also writes the guard's diary: what it sends is dropped rather than waited for.
    """

    def __init__(self, lines: Lines) -> None:
        from smartevse.drivers.notify import Notify

        self._notify = Notify(os.environ)
        self._lines, self._diary = lines, Diary()
        self._ready = False
        self._alive_ns = self._let_go_ns = 0

    def turned(self, guard: Guard) -> None:
        """After every tick."""
        now_ns = time.monotonic_ns()
        if not self._ready and guard.memory.outputs.heartbeat:
            self._ready = True
            self._notify.ready("pilot live, heartbeat running")
            self._lines.say("ready: pilot live, heartbeat running")
        if now_ns - self._alive_ns >= ALIVE_EVERY_NS:
            self._alive_ns = now_ns
            self._notify.alive()
        for line in self._diary.lines(guard.report, guard.memory.outputs.duty_permille, now_ns // 1_000_000):
            self._lines.tell(*line)
        if now_ns - self._let_go_ns >= LET_GO_EVERY_NS:
            self._let_go_ns = now_ns
            realtime.let_go()


def _config_path(arguments: Sequence[str]) -> Path | None:
    """The file of `--config FILE`; argparse would cost the guard a tenth of its memory."""
    if len(arguments) == 2 and arguments[0] == "--config":
        return Path(arguments[1])
    if len(arguments) == 1 and arguments[0].startswith("--config="):
        return Path(arguments[0].removeprefix("--config="))
    return None
