"""`smartevse bus`: the doctor of the RS485 line. It finds devices, shows live frames with their meaning, reads logs.

It never writes to a device. `scan` needs the line for itself (stop the station), `watch` on an adapter of its own
only listens, `decode` needs no line at all.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterable, Sequence
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING

from smartevse.bus.diagnosis import Diagnosis
from smartevse.bus.listener import Heard, Kind, Listener
from smartevse.bus.meaning import meaning
from smartevse.bus.probe import identify

if TYPE_CHECKING:
    from serial import Serial

OTHERS: tuple[tuple[int, str], ...] = ((9600, "E"), (19200, "N"), (19200, "E"), (2400, "N"), (2400, "E"), (38400, "N"))
"""Speeds and parities with which meters leave the factory, besides 9600 8N1."""
READ_EVERY_S = 0.01
PAUSE_S = 1.0
"""Between two frames of a file nothing is known: each stands for itself."""


class Problem(Exception):
    """The command cannot go on; the text is one sentence for the person at the keyboard."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the three commands; 0, or 1 when something is wrong with the line or the arguments."""
    arguments = _parser().parse_args(argv)
    try:
        match arguments.command:
            case "scan":
                return _scan(arguments.device, arguments.baud, arguments.addresses, other=arguments.other_speeds)
            case "watch":
                return _watch(arguments.device, arguments.baud, arguments.seconds)
            case _:
                return _decode(arguments.file)
    except Problem as problem:
        print(f"smartevse bus: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="smartevse bus", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    scan = commands.add_parser("scan", help="find who is on the line (reads only)")
    scan.add_argument("--addresses", type=_addresses, default=range(1, 248), metavar="A-B", help="default 1-247")
    scan.add_argument("--other-speeds", action="store_true", help="also try what meters are shipped with")
    watch = commands.add_parser("watch", help="show what is said on the line (only listens)")
    watch.add_argument("--seconds", type=float, default=float("inf"), metavar="N", help="end after so long")
    for line in (scan, watch):
        line.add_argument("device", nargs="?", help="such as /dev/serial/by-id/...")
        line.add_argument("--baud", type=int, default=9600, metavar="N", help="default 9600")
    decode = commands.add_parser("decode", help="tell the meaning of recorded frames")
    decode.add_argument("file", help="a file with frames in hex, one a line or several with / between; - is the input")
    return parser


def _addresses(text: str) -> range:
    found = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= 247:
        raise argparse.ArgumentTypeError(f"{text!r} are no addresses; use A-B or A with numbers from 1 to 247")
    return range(first, last + 1)


def _open(device: str | None, baud: int, parity: str = "N") -> Serial:
    """The line, for this program alone. Raises Problem."""
    import serial

    if device is None:
        known = sorted(glob("/dev/serial/by-id/*"))
        raise Problem(f"name the line's device: {', '.join(known) or 'no USB adapter is there; try /dev/ttyAMA0'}")
    try:
        return serial.Serial(device, baud, parity=parity, timeout=READ_EVERY_S, exclusive=True)
    except (serial.SerialException, OSError, ValueError) as error:
        raise Problem(
            f"the line {device} cannot be opened: {error}; when the station runs, stop it (systemctl stop smartevse) "
            f"or use a second adapter"
        ) from error


def _scan(device: str | None, baud: int, addresses: Iterable[int], *, other: bool) -> int:
    """Ask every address; 1 when nobody is there."""
    found = _scan_at(device, baud, "N", addresses)
    if other:
        for speed, parity in OTHERS:
            here = _scan_at(device, speed, parity, addresses)
            if here:
                print(f"  these speak {speed} 8{parity}1: set them to 9600 8N1")
            found += here
    if not found:
        print("nobody answers: see to A and B (some meters label them the other way round), GND, supply and speed")
    return 0 if found else 1


def _scan_at(device: str | None, baud: int, parity: str, addresses: Iterable[int]) -> int:
    found = 0
    with _open(device, baud, parity) as line:
        for unit in addresses:
            text = identify(line, unit)
            if text is not None:
                found += 1
                print(f"{unit:4} ({unit:02X}h)  {text}", flush=True)
    return found


def _watch(device: str | None, baud: int, seconds: float) -> int:
    """Listen until the time is over or Ctrl-C, then say what is wrong; 1 when something is."""
    listener, diagnosis = Listener(), Diagnosis()
    began_s = time.monotonic()
    with _open(device, baud) as line:
        print(f"listening on {line.port}; Ctrl-C ends and tells what is wrong", flush=True)
        try:
            while (now_s := time.monotonic()) - began_s < seconds:
                data = line.read(256)
                now_s = time.monotonic()
                for heard in listener.feed(data, now_s) if data else listener.idle(now_s):
                    _show(heard, began_s)
                    diagnosis.hear(heard)
        except KeyboardInterrupt:
            print()
    for heard in listener.idle(time.monotonic() + 1):
        diagnosis.hear(heard)
    findings = diagnosis.findings()
    for finding in findings:
        print(f"! {finding}")
    if not findings:
        print("nothing is wrong with what was heard")
    return 1 if findings else 0


def _show(heard: Heard, began_s: float) -> None:
    mark = {Kind.REQUEST: ">", Kind.ANSWER: "<", Kind.REFUSAL: "x", Kind.STRAY: "<", Kind.JUNK: "?"}[heard.kind]
    print(f"{heard.at_s - began_s:9.3f} {mark} {meaning(heard)}  [{heard.data.hex(' ')}]", flush=True)


def _decode(file: str) -> int:
    """The meaning of each frame of a text; 1 when a line has none."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{file} cannot be read as text: {error}") from error
    listener, now_s, wrong = Listener(), 0.0, 0
    for number, line in enumerate(text.splitlines(), 1):
        frames = [data for part in re.split(r"[/|<>]", line) if (data := _hex(part))]
        if line.strip() and not frames:
            print(f"line {number}: no frame in hex, such as 03 04 00 00 00 08 f0 2e")
            wrong += 1
        for data in frames:
            now_s += PAUSE_S / 2
            for heard in (*listener.feed(data, now_s), *listener.idle(now_s + PAUSE_S / 4)):
                print(f"line {number}: {meaning(heard)}")
                wrong += heard.kind is Kind.JUNK
    return 1 if wrong else 0


def _hex(text: str) -> bytes:
    """The bytes of a part of a line, also with a name in front; empty when it has none."""
    found = re.search(r"(?:\b[0-9a-fA-F]{2}\b[ ,:]*){4,}", text)
    return bytes.fromhex(re.sub(r"[^0-9a-fA-F]", "", found[0])) if found else b""
