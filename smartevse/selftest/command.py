"""`smartevse selftest`: the installer's check of a station, on the screen, in the journal and as a page to keep."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from smartevse import __version__, config
from smartevse.config import EXIT_CONFIG, ConfigError
from smartevse.drivers.machine import Machine
from smartevse.guard import realtime
from smartevse.guard.link import Link
from smartevse.hal import backend
from smartevse.hal import hat as hat_map
from smartevse.hal.board import Board, BoardGoneError, BoardUnfitError
from smartevse.hal.hat import HatMap
from smartevse.selftest import report
from smartevse.selftest.bench import Bench
from smartevse.selftest.check import Check, Kit
from smartevse.selftest.installer import Installer
from smartevse.selftest.places import BusMeters, HatPanel, running, setup_of
from smartevse.selftest.run import CHECKS, EXIT_FAILED, Result, chosen, exit_status, run
from smartevse.selftest.terminal import Terminal, Unattended
from smartevse.settings.store import Store
from smartevse.settings.values import Values

EXIT_BUSY = 75
"""The hat is in use (EX_TEMPFAIL of sysexits.h)."""
_EXITS = "Exit status: 0 all passed, 1 something failed, 3 nothing failed but not everything was done, 75 the station "
_EXITS += "is running, 78 the configuration or the machine does not fit, 130 ended by Ctrl-C."


def main(argv: Sequence[str]) -> int:
    """Run `smartevse selftest` with these arguments; see `_EXITS`."""
    arguments = _parser().parse_args(argv)
    if arguments.list:
        for check in CHECKS:
            print(f"{check.name}: {check.does}; allowed: {check.allowed}\n    {check.remedy}")
        return 0
    try:
        checks = chosen(arguments.checks)
    except ValueError as error:
        return _refused(str(error), 2)
    try:
        settings = config.load(arguments.config, os.environ)
        config.check_state_directory(settings.state_directory)
        busy = running(settings.guard.socket, arguments.config)
        if busy is not None:
            return _refused(busy, EXIT_BUSY)
        hat, at = hat_map.load(), settings.hat
        way = backend.choose(at.backend, at.host, at.port, hat, Machine())
        settings = replace(settings, hat=replace(at, backend=way))
        board = backend.board(way, at.host, at.port, hat)
    except (ConfigError, BoardUnfitError) as error:
        return _refused(str(error), EXIT_CONFIG)
    installer: Installer
    if arguments.yes:
        installer = Unattended(sys.stdout, time.monotonic, arguments.wait)
    elif sys.stdin.isatty() or arguments.answers:
        installer = Terminal(sys.stdin.fileno(), sys.stdout, time.monotonic)
    else:
        return _refused("nobody is at the keyboard: use a terminal, or --yes to allow everything", 2)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    realtime.prepare()
    place = _hold_place(settings.guard.socket)
    try:
        return _test(board, hat, settings, installer, checks)
    except BoardUnfitError as error:
        return _refused(str(error), EXIT_CONFIG)
    except BoardGoneError as error:
        return _refused(f"{error}; the hat has opened everything", EXIT_FAILED)
    except KeyboardInterrupt:
        return _refused("ended before it was done; everything is off", 130)
    finally:
        if place is not None:
            place.close()


def _test(board: Board, hat: HatMap, settings: config.Config, installer: Installer, checks: Sequence[Check]) -> int:
    """Make the checks and tell the result; the board is left safe whatever happens."""
    values = _values(settings.state_directory)
    began = datetime.now(UTC)
    head = [
        f"Self-test of the charging station, {began:%Y-%m-%d %H:%M} UTC",
        f"smartevse {__version__}, hat revision {hat.raw['revision']}, back-end {settings.hat.backend}",
    ]
    print("\n".join(head), flush=True)
    panel = HatPanel(settings.hat, settings.panel, hat)
    try:
        board.open()
        bench = Bench(board, hat, time.sleep, time.monotonic)
        kit = Kit(bench, installer, panel, BusMeters(settings.bus, values.three_wire), setup_of(settings, values))
        results = run(kit, _tell, checks)
    finally:
        board.close()
        panel.close()
    print(f"\n{report.summary(results)}")
    report.tell_journal(results, report.journal("smartevse"))
    try:
        path = report.keep(report.page(results, head), settings.state_directory, began)
    except OSError as error:
        print(f"the report could not be kept ({error}): make {settings.state_directory} writable", file=sys.stderr)
    else:
        print(f"kept in {path}")
    return exit_status(results)


def _tell(result: Result) -> None:
    print(report.line(result), flush=True)


def _values(state_directory: Path) -> Values:
    store = Store(state_directory, create=False)
    try:
        return store.values
    finally:
        store.close()


def _hold_place(path: Path) -> Link | None:
    """Take the guard's place while the test runs, so that none starts; None where its folder is not there."""
    try:
        return Link(path)
    except OSError:
        return None


def _refused(sentence: str, status: int) -> int:
    print(f"smartevse selftest: {sentence}", file=sys.stderr)
    return status


def _interrupt(*_: int | FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="smartevse selftest", description=__doc__, epilog=_EXITS)
    parser.add_argument("checks", nargs="*", metavar="CHECK", help="only these and what they need; default: all")
    parser.add_argument("--config", type=Path, default=config.DEFAULT_PATH, metavar="FILE", help="default: %(default)s")
    parser.add_argument(
        "--yes",
        action="store_true",
        help="nobody is asked: everything is allowed, also closing the contactor with what is plugged in",
    )
    parser.add_argument(
        "--wait", type=float, default=0.0, metavar="S", help="with --yes: how long to wait for each plug or button"
    )
    parser.add_argument("--answers", action="store_true", help="read the installer's answers from a pipe")
    parser.add_argument("--list", action="store_true", help="only show the table of checks")
    return parser
