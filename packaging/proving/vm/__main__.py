"""`python -m proving.vm SUITE PACKAGE IMAGE PAGE`: everything in its order, then the page."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from proving.machine import MachineError, inside, network
from proving.outside import PORT, Twin
from proving.report import Report
from proving.service import Service
from proving.vm import kernel, limits, story
from proving.vm.machine import OUTSIDE, VirtualMachine, soon
from proving.vm.places import GUARD, PIGPIOD, STATION, Place, fairly

HERE = Path(__file__).parent
WITH_PIGPIOD = "bookworm"
"""Debian 12 gets a pigpiod, as Raspberry Pi OS 12 has one; Debian 13 has none."""
CONTAINER = {"bookworm": "acceptance.md", "trixie": "acceptance-trixie.md"}
"""The pages with the same times at full speed."""


def main() -> int:
    """Prove it; 0 when every line holds."""
    arguments = _arguments()
    # Asked to end, it cleans up as after an error.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    broken = 0
    if arguments.only != ["cuts"]:
        broken += _prove(arguments, "", _chapters)
    if arguments.cuts and (not arguments.only or "cuts" in arguments.only):
        broken += _prove(arguments, "-cuts", _cuts)
    return int(broken > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="packaging/prove-vm")
    parser.add_argument("suite", choices=("bookworm", "trixie"))
    parser.add_argument("package", type=Path)
    parser.add_argument("image", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cuts", type=int, default=50, metavar="N", help="how many power cuts; 0: none")
    words = (*story.CHAPTERS, "limits", "kernel", "upgrade", "boot", "cuts")
    parser.add_argument("--only", nargs="+", choices=words, metavar="CHAPTER", help=f"of {', '.join(words)}")
    return parser.parse_args()


def _prove(arguments: argparse.Namespace, suffix: str, tell: Callable[[argparse.Namespace, Place], None]) -> int:
    """A machine, its chapters, its page; how many lines do not hold."""
    report = Report()
    since_s = time.monotonic()
    before = os.getloadavg()[1]
    which = "a machine that did not start"
    try:
        with contextlib.ExitStack() as stack:
            netns = stack.enter_context(network(f"smartevse-{os.getpid()}"))
            twin = stack.enter_context(Twin(netns))
            machine = stack.enter_context(VirtualMachine(arguments.image, netns, twin.serial))
            stack.enter_context(_carrier(netns))
            pigpiod = Service(machine, PIGPIOD) if arguments.suite == WITH_PIGPIOD else None
            place = Place(report, machine, twin, Service(machine, GUARD), Service(machine, STATION), pigpiod)
            which = _describe(machine, arguments.suite)
            tell(arguments, place)
    except (MachineError, ValueError, SystemExit) as error:
        report.row("the proof itself", "comes to its end", repr(error), False)
    minutes = (time.monotonic() - since_s) / 60
    load = f"{before:.0f} before and {os.getloadavg()[1]:.0f} after"
    title = f"Acceptance on Debian {arguments.suite} in a virtual machine" + (": power cuts" if suffix else "")
    page = arguments.folder / f"acceptance-vm-{arguments.suite}{suffix}.md"
    page.write_text(report.markdown(title, _introduction(arguments, which, minutes, load)), "utf-8")
    print(f"{page}: {len(report.rows)} lines, {report.broken} do not hold", flush=True)
    return report.broken


def _chapters(arguments: argparse.Namespace, place: Place) -> None:
    def wanted(chapter: str) -> bool:
        return not arguments.only or chapter in arguments.only

    if place.pigpiod:
        story.pigpiod(place)
    else:
        kernel.fit(place)
    story.install(place, arguments.package)
    story.running(place)
    if not place.pigpiod and wanted("kernel"):
        fairly(place, kernel.tell)
    if wanted("boot"):
        story.boot(place, HERE.parents[2] / "docs" / CONTAINER[arguments.suite])
    if place.pigpiod and wanted("kernel"):
        story.old_library(place)
    if wanted("limits"):
        limits.tell(place)
    if not place.pigpiod:
        story.far(place)
    for word, chapter in story.CHAPTERS.items():
        if wanted(word) or word == "charge":
            fairly(place, chapter)
    if wanted("upgrade"):
        story.upgrade(place, arguments.package)


def _cuts(arguments: argparse.Namespace, place: Place) -> None:
    if place.pigpiod:
        story.pigpiod(place)
    else:
        kernel.fit(place)
    story.install(place, arguments.package)
    place.ready()
    if not place.pigpiod:
        story.far(place)
    story.charge(place)
    story.cuts(place, arguments.cuts)


def _describe(machine: VirtualMachine, suite: str) -> str:
    """Which machine it is; waits until it has started."""
    machine.settle()
    system, kernel_, python = (
        machine.ask(word) for word in ("systemctl --version | head -1", "uname -r", "python3 --version")
    )
    return f"a fresh Debian {suite} ({system}, Linux {kernel_}, {python})"


def _introduction(arguments: argparse.Namespace, place: str, minutes: float, load: str) -> list[str]:
    only = f" --only {' '.join(arguments.only)}" if arguments.only else ""
    speed = "a program of Python runs at about a tenth of its speed there, so times are long"
    return [
        f"Made by `packaging/prove-vm {arguments.suite}{only}` in {minutes:.0f} min: {arguments.package.name},"
        f" installed without a network in {place} with systemd as PID 1, under QEMU: one emulated Cortex-A72, 768 MB.",
        "Its device tree has the words of a Raspberry Pi 4 with the hat. The only cable of its network ends at the"
        " twin: hat, car and RS485 line are outside, behind pigpiod's protocol over TCP and a serial adapter on USB."
        " What the contactor did is the twin's word, with the times of the hat's own clock, never the journal's.",
        f"QEMU emulates the processor: {speed}, and nothing here is a measurement of a Raspberry Pi. The machine has"
        f" one processor of the host for itself (SCHED_RR), the host had two, and a load of {load}, with"
        " other work.",
        "What it cannot show: a card that tears while it is written (what the machine had handed to its disk survives a"
        " cut), a real pigpiod, a real hat, the firmware of a Raspberry Pi.",
    ]


@contextlib.contextmanager
def _carrier(netns: str) -> Iterator[None]:
    words = inside(netns, *soon(), sys.executable, "-I", str(HERE / "carrier.py"), OUTSIDE, str(PORT))
    with subprocess.Popen(words, stdout=subprocess.PIPE) as carrier:
        try:
            assert carrier.stdout is not None
            carrier.stdout.readline()
            yield
        finally:
            carrier.terminate()


if __name__ == "__main__":
    sys.exit(main())
