"""`smartevse tell`: tell the running station what it cannot see, from a shell or any home automation."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from smartevse.config import DEFAULT_PATH, EXIT_CONFIG, ConfigError, load
from smartevse.station.hearing import FILE_NAME, OK, REFUSED
from smartevse.station.told import WORDS

EXIT_REFUSED, EXIT_NOBODY = 1, 3
PATIENCE_S = 5.0


def main(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Tell it and print the answer; 0 done, 1 refused, 2 usage, 3 no station answers, 78 bad configuration."""
    arguments = _parser().parse_args(argv)
    try:
        directory = load(arguments.config, environ).state_directory
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EXIT_CONFIG
    path = directory / FILE_NAME
    try:
        answer = _ask(path, " ".join(arguments.words))
    except OSError as error:
        why = error.strerror or str(error) or "no answer"
        print(
            f"no station answers at {path} ({why}): start it, and call as root or as a member of its group",
            file=sys.stderr,
        )
        return EXIT_NOBODY
    if answer.startswith(OK):
        print(answer.removeprefix(OK))
        return 0
    print(answer.removeprefix(REFUSED), file=sys.stderr)
    return EXIT_REFUSED


def _parser() -> argparse.ArgumentParser:
    known = "\n".join(f"  {word.usage:<20} {word.means}" for word in WORDS.values())
    parser = argparse.ArgumentParser(
        prog="smartevse tell",
        description="Tell the running station something; without words, show what it was told.",
        epilog=f"what can be told:\n{known}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, default=DEFAULT_PATH, help=f"default: {DEFAULT_PATH}")
    # not options: a battery that gives is a number below zero
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="WORD VALUE", help="such as: battery -12.5")
    return parser


def _ask(path: Path, line: str) -> str:
    """One line there, one line back. Raises OSError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as station:
        station.settimeout(PATIENCE_S)
        station.connect(str(path))
        station.sendall(f"{' '.join(line.split())}\n".encode())
        with station.makefile("r", encoding="utf-8") as answers:
            answer = answers.readline().rstrip("\n")
    if not answer:
        raise OSError("it closed the line without an answer")
    return answer


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
