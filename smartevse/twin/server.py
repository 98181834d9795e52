"""`smartevse twin`: the hat, its car and its bus as servers, for the unchanged programs to talk to."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from smartevse.twin.control import Control
from smartevse.twin.house_line import House
from smartevse.twin.line import Line
from smartevse.twin.loop import Loop
from smartevse.twin.sensorbox import Sensorbox
from smartevse.twin.unit import Unit

MAX_UNITS = 8
TWIN_PRIORITY = 40
"""SCHED_RR priority, below the guard's: the priority that pigpiod gets on a station."""


class StartError(Exception):
    """The twin cannot start; the text is one sentence for the person who started it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the twin until SIGTERM, SIGINT or `quit`; 0, or 1 with one sentence when it cannot start."""
    arguments = _parser().parse_args(argv)
    with contextlib.suppress(OSError):
        # a hat has no scheduler: where it is permitted, other programs do not make the simulated one late
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(TWIN_PRIORITY))
    try:
        serve(
            arguments.pigpio_port, Path(arguments.bus), Path(arguments.control), arguments.units, watch=arguments.watch
        )
    except StartError as error:
        print(f"smartevse twin: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="smartevse twin", description=__doc__)
    parser.add_argument("--pigpio-port", type=_port, default=8888, metavar="N", help="TCP port; 0: any free one")
    parser.add_argument("--bus", required=True, metavar="DIR", help="folder of the RS485 line's ends: DIR/bus0 ...")
    parser.add_argument("--control", required=True, metavar="SOCKET", help="path of the control socket")
    parser.add_argument("--watch", action="store_true", help="one more end of the line, DIR/watch, for `bus watch`")
    parser.add_argument("--units", type=_units, default=1, metavar="K", help="how many hats on one line, 1 to 8")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; use 0 to 65535")
    return int(text)


def _units(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_UNITS:
        raise argparse.ArgumentTypeError(f"{text!r} units cannot be had; use 1 to {MAX_UNITS}")
    return int(text)


def serve(port: int, bus: Path, control: Path, count: int, *, watch: bool) -> None:
    """Start everything, say so in one line, and serve. Raises StartError with one sentence."""
    loop = Loop()
    line = Line(loop, time.monotonic)
    house = House(time.monotonic)
    line.add_device(Sensorbox(house.measure, time.monotonic))
    units: list[Unit] = []
    socket_: Control | None = None
    try:
        bus.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            units.append(_unit(number, loop, line, port and port + number, bus, house))
        if watch:
            line.add_pty(bus / "watch")
        try:
            socket_ = Control(loop, control, units, loop.stop)
        except OSError as error:
            raise StartError(f"the control socket {control} cannot be made ({error.strerror or error})") from error
        wake = _end_on_signals(loop)
        places = [f"pigpiod 127.0.0.1:{unit.daemon.port}, bus {unit.end.link}" for unit in units]
        more = "".join(f"; unit {number}: {place}" for number, place in enumerate(places[1:], 1))
        print(f"twin ready: {places[0]}, control {control}{more}", flush=True)
        gc.freeze()
        loop.run()
        _let_signals_go(wake)
    except NotADirectoryError as error:
        raise StartError(f"the folder {bus} for the line's ends cannot be made ({error.strerror})") from error
    except FileExistsError as error:
        raise StartError(f"{bus} is a file, but a folder is wanted for the line's ends") from error
    except PermissionError as error:
        raise StartError(f"no permission for {error.filename or bus}; choose another folder") from error
    finally:
        if socket_ is not None:
            socket_.close()
        for unit in units:
            unit.daemon.kill()
        line.close()
        loop.close()


def _unit(number: int, loop: Loop, line: Line, port: int, bus: Path, house: House) -> Unit:
    try:
        return Unit(number, loop, line, port, bus / f"bus{number}", house)
    except (PermissionError, FileExistsError):
        raise
    except OSError as error:
        raise StartError(
            f"port {port} on 127.0.0.1 cannot be had ({error.strerror}); give another --pigpio-port"
        ) from error


def _end_on_signals(loop: Loop) -> int:
    """Let SIGTERM and SIGINT end the loop, also while it waits; the file that wakes it."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    loop.watch(reader, lambda _: loop.stop())
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.stop())
    return writer


def _let_signals_go(writer: int) -> None:
    signal.set_wakeup_fd(-1)
    os.close(writer)
