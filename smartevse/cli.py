"""The command line: one word, then that part's own arguments. Parts are imported only when they are asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

COMMANDS: Mapping[str, tuple[str, str]] = {
    # word: (module with main(arguments) -> exit status, what it does)
    "run": ("smartevse.station.daemon", "the station: current, panel, bus, journal (production)"),
    "guard": ("smartevse.guard.process", "the safety process: pilot and contactor (production)"),
    "demo": ("smartevse.twin.demo", "a whole station with a simulated car, in the terminal"),
    "twin": ("smartevse.twin.server", "the simulated hat, car and RS485 line alone"),
    "scenario": ("smartevse.scenario.command", "charging stories in virtual time"),
    "recorder": ("smartevse.recorder.command", "list, draw or replay what the guard recorded of the last faults"),
    "bus": ("smartevse.bus.command", "the RS485 line: find devices, watch it live, read recorded frames"),
    "selftest": ("smartevse.selftest.command", "the installer's check: hat, pilot, lock, contactor, panel, meters"),
    "tell": ("smartevse.station.tell", "tell the running station: home battery, a current by hand, access"),
    "settings": ("smartevse.settings.command", "list, get, set, export or import the owner's settings"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the first word names; returns its exit status, 2 for an unknown word."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help", "help"):
        print(_help())
        return 0 if words else 2
    if words[0] in ("-V", "--version"):
        from smartevse import __version__

        print(f"smartevse {__version__}")
        return 0
    if words[0] not in COMMANDS:
        print(f"smartevse has no command {words[0]!r}: use one of {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    status: int = import_module(COMMANDS[words[0]][0]).main(words[1:])
    return status


def _help() -> str:
    rows = "\n".join(f"  {word:<10} {what}" for word, (_, what) in COMMANDS.items())
    return f"usage: smartevse COMMAND ...\n\n{rows}\n\n'smartevse COMMAND --help' tells more of one command."
