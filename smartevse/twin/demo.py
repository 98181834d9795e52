"""`smartevse demo`: a whole station with a simulated car; the newcomer's first minute.

Twin, guard and station run as the processes that they are, in real time. So `--speed N` cannot make them faster; it
gives the car a battery that is N times smaller, which is what a person waits for.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

from smartevse.twin.demo_control import ControlError
from smartevse.twin.demo_rig import OWNER, Rig, RigError
from smartevse.twin.demo_scenario import Play, play, read
from smartevse.twin.demo_story import charge

MOST_SPEED = 1000
EPILOG = (
    "The programs are the real ones and run in real time, so nothing here can be sped up but the car: with --speed N"
    " its battery is N times smaller and fills N times faster. 'smartevse scenario' runs stories in virtual time."
)


def main(argv: Sequence[str]) -> int:
    """Run the demo; 0 done (headless: everything held), 1 when it cannot run or something did not hold."""
    arguments = _parser().parse_args(argv)
    before = {number: signal.signal(number, _leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        if not arguments.headless:
            _need_terminal()
        story = read(arguments.scenario) if arguments.scenario else None
        print("starting twin, guard and station ...", file=sys.stderr, flush=True)
        with Rig(story.settings if story else OWNER) as rig:
            _prepare(rig, story, arguments.speed)
            return _headless(rig, story) if arguments.headless else _panel(rig, story)
    except (RigError, ControlError) as error:
        print(f"smartevse demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("smartevse demo: interrupted; all its processes have ended", file=sys.stderr)
        return 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="smartevse demo", description="A whole station with a simulated car, in the terminal.", epilog=EPILOG
    )
    parser.add_argument("--headless", action="store_true", help="no picture: one charge and a summary; for scripts")
    parser.add_argument(
        "--scenario", type=Path, metavar="FILE", help="what happens, from a scenario file, in real time"
    )
    parser.add_argument("--speed", type=_speed, default=1, metavar="N", help="a battery N times smaller, 1 to 1000")
    return parser


def _speed(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_SPEED:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no speed; use 1 to {MOST_SPEED}: so many times smaller is the car's battery"
        )
    return int(text)


def _leave(number: int, _: FrameType | None) -> None:
    """A signal to end: leave through every `with` and `finally`, so that no process stays behind."""
    raise SystemExit(128 + number)


def _need_terminal() -> None:
    if find_spec("textual") is None:
        raise RigError("the panel needs the package Textual: pip install 'smartevse[demo]', or use --headless")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise RigError("the panel needs a terminal: run it in one, or use --headless")


def _prepare(rig: Rig, story: Play | None, speed: int) -> None:
    """Put the car and the cable of the story there; the battery gets smaller by the speed."""
    client = rig.client()
    for command in story.prepare if story else ():
        client.do(command)
    battery_wh = float(client.ask("ev options")["battery_wh"])
    client.do(f"ev set battery_wh {battery_wh / speed}")
    client.close()


def _headless(rig: Rig, story: Play | None) -> int:
    def say(line: str) -> None:
        print(line, flush=True)

    return 0 if (play(rig, story, say) if story else charge(rig, say)) else 1


def _panel(rig: Rig, story: Play | None) -> int:
    from smartevse.twin.panel import PanelApp

    return PanelApp(rig, story).run() or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
