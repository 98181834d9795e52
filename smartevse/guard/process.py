"""The guard's process: `smartevse guard --config FILE`."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from smartevse.config import EXIT_CONFIG, Config, ConfigError, load
from smartevse.guard import realtime
from smartevse.guard.link import Link
from smartevse.guard.loop import Guard
from smartevse.guard.recorder import FlightRecorder
from smartevse.hal import hat as hat_map
from smartevse.hal.board import Board, BoardGoneError
from smartevse.hal.hat import HatMap

EXIT_BOARD = 1
"""The hat or pigpiod is gone: systemd starts the guard again."""
ALIVE_EVERY_NS = 500_000_000


def main(arguments: Sequence[str]) -> int:
    """Run the guard until SIGTERM; returns the exit status: 0 asked to end, 1 hat lost, 78 configuration."""
    path = _config_path(arguments)
    if path is None:
        say("usage: smartevse guard --config FILE")
        return 2
    try:
        config = load(path, os.environ)
        hat = hat_map.load()
        board = make_board(config, hat)
    except ConfigError as error:
        say(str(error))
        return EXIT_CONFIG
    try:
        link = Link(config.guard.socket)
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
    recorder = _recorder(config, hat)
    guard = Guard(board, hat, link, recorder, realtime=not missing)
    service = _Service()
    try:
        guard.run(lambda: bool(asked), service.turned)
    except BoardGoneError as error:
        say(f"{error}; the outputs cannot be driven, the hat opens the contactor by itself")
        return EXIT_BOARD
    finally:
        link.close()
        if recorder is not None:
            recorder.close(asked=bool(asked))
    say("ended as asked, contactor open")
    return 0


def make_board(config: Config, hat: HatMap) -> Board:
    """The board that the configuration names. Raises ConfigError for one that this version cannot drive."""
    from smartevse.hal.pigpio_board import PigpioBoard

    if config.hat.backend == "pigpio":
        return PigpioBoard(hat, config.hat.host, config.hat.port)
    raise ConfigError(f'backend in [hat] is "{config.hat.backend}", but the guard only drives "pigpio" in this version')


def _recorder(config: Config, hat: HatMap) -> FlightRecorder | None:
    """The flight recorder beside the socket; a guard that cannot have one guards without."""
    folder = config.guard.socket.parent / "recorder"
    try:
        return FlightRecorder(folder, hat.raw["revision"])
    except OSError as error:
        say(f"no flight recorder ({error}): make {folder} writable for this user, with 2 MB free")
        return None


def say(sentence: str) -> None:
    """One line for the journal; a reader that does not read must not stop the guard."""
    try:
        os.write(sys.stderr.fileno(), f"guard: {sentence}\n".encode())
    except OSError:
        return


class _Service:
    """Tells the service manager that the loop turns; ready once the pilot is live and the heartbeat runs."""

    def __init__(self) -> None:
        from smartevse.drivers.notify import Notify

        self._notify = Notify(os.environ)
        self._ready = False
        self._alive_ns = 0

    def turned(self, guard: Guard) -> None:
        """After every tick."""
        now_ns = time.monotonic_ns()
        if not self._ready and guard.memory.outputs.heartbeat:
            self._ready = True
            self._notify.ready("pilot live, heartbeat running")
            say("ready: pilot live, heartbeat running")
        if now_ns - self._alive_ns >= ALIVE_EVERY_NS:
            self._alive_ns = now_ns
            self._notify.alive()


def _config_path(arguments: Sequence[str]) -> Path | None:
    """The file of `--config FILE`; argparse would cost the guard a tenth of its memory."""
    if len(arguments) == 2 and arguments[0] == "--config":
        return Path(arguments[1])
    if len(arguments) == 1 and arguments[0].startswith("--config="):
        return Path(arguments[0].removeprefix("--config="))
    return None
