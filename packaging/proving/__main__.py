"""`python -m proving SUITE PACKAGE REPORT`: everything in its order, then the page."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import sys
import time
from pathlib import Path

from proving import story
from proving.machine import Machine, MachineError, network
from proving.outside import PIGPIOD, PIGPIOD_UNIT, Twin
from proving.report import Report


def main(suite: str, package: Path, page: Path) -> int:
    """Prove it; 0 when every line holds."""
    # Asked to end, it cleans up as after an error.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    report = Report()
    since_s = time.monotonic()
    before = [
        ("/usr/bin/pigpiod", PIGPIOD, 0o755),
        ("/usr/lib/systemd/system/pigpiod.service", PIGPIOD_UNIT, 0o644),
    ]
    with contextlib.ExitStack() as stack:
        netns = stack.enter_context(network(f"smartevse-{os.getpid()}"))
        twin = stack.enter_context(Twin(netns))
        machine = stack.enter_context(Machine(suite, netns, [f"{twin.serial}:/dev/ttyUSB0"], before))
        try:
            story.tell(report, machine, twin, package)
        except MachineError as error:
            report.row("the proof itself", "comes to its end", error, False)
        place = f"a fresh Debian {suite} ({machine.ask('systemctl --version | head -1')},"
        place += f" {machine.ask('python3 --version')}, {platform.machine()}) with systemd as PID 1, in a container"
    introduction = [
        f"Made by `packaging/prove {suite}` in {time.monotonic() - since_s:.0f} s: {package.name}, installed without a"
        f" network in {place}.",
        "Outside of it is the twin: hat, car and RS485 line, behind a serial port and a stand-in for pigpiod that"
        " passes everything on. Times are from one run on a shared machine with two cores.",
        "Where the host lets nobody raise a limit, as in many containers, the guard says that it has no real-time"
        " priority; one line below gives it the same rights in another way for that moment.",
        "What a container cannot show: clocks that jump, limits of memory, devices and network (they belong to the"
        " host), a Pi that boots, a real pigpiod and a real hat. A power cut here ends all programs at once; what the"
        " kernel still held is not lost.",
    ]
    page.write_text(report.markdown(f"Acceptance on Debian {suite}", introduction), "utf-8")
    print(f"{page}: {len(report.rows)} lines, {report.broken} do not hold")
    return int(report.broken > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
