"""`smartevse recorder`: what the guard's flight recorder kept of the last faults, listed, drawn or decided again."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from smartevse import config
from smartevse.core import faults
from smartevse.guard.recorder import ENDED
from smartevse.recorder.keep import FOLDER, collect, recordings
from smartevse.recorder.recording import Recording, RecordingError, Tick, read
from smartevse.recorder.replay import replay

_BEFORE_TICKS = 25
_ROW = "{:<19}  {:<17} {:<7} {:>8} {:>8}  {}"


def main(argv: Sequence[str]) -> int:
    """List, draw or replay; 0 when it went well, 1 when a replay differs or a file is of no use, 78 configuration."""
    options = _parser().parse_args(argv)
    try:
        status: int = options.run(options)
    except config.ConfigError as error:
        print(error, file=sys.stderr)
        return config.EXIT_CONFIG
    except RecordingError as error:
        print(error, file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="smartevse recorder", description=__doc__)
    parser.add_argument("--config", type=Path, default=config.DEFAULT_PATH, metavar="FILE", help="default: %(default)s")
    words = parser.add_subparsers(metavar="list | plot | replay", required=True)
    one = words.add_parser("list", help="the last faults with time, state and how long they lasted")
    one.set_defaults(run=_list)
    one = words.add_parser("plot", help="draw a recording")
    one.add_argument("file", type=Path, metavar="FILE")
    one.add_argument("picture", type=Path, metavar="OUT.png")
    one.set_defaults(run=_plot)
    one = words.add_parser("replay", help="decide every tick of a recording again and compare")
    one.add_argument("file", type=Path, metavar="FILE")
    one.set_defaults(run=_replay)
    return parser


def _list(options: argparse.Namespace) -> int:
    settings = config.load(options.config, os.environ)
    run_folder, state_folder = settings.guard.socket.parent, settings.state_directory
    if _ours(state_folder):
        try:
            collect(run_folder, state_folder)
        except OSError as error:
            print(
                f"new recordings stay in memory: {state_folder / FOLDER} cannot be written ({error.strerror})",
                file=sys.stderr,
            )
    paths = recordings(run_folder, state_folder)
    if not paths:
        print(f"no fault was recorded: nothing is in {state_folder / FOLDER}")
        return 0
    print(_ROW.format("time", "fault", "state", "lasted", "recorded", "file"))
    for path in paths:
        try:
            for row in rows(read(path)):
                print(_ROW.format(*row))
        except RecordingError as error:
            print(error)
    return 0


def _ours(folder: Path) -> bool:
    """Whether files made here belong to whom the folder belongs to; the station could not use those of another user."""
    try:
        return folder.stat().st_uid == os.getuid()
    except FileNotFoundError:
        return True


def rows(recording: Recording) -> list[tuple[str, str, str, str, str, str]]:
    """A line of the list for each fault that came: time, fault, states, how long it lasted, length, file."""
    ticks = recording.ticks
    length = f"{_seconds(ticks[0], ticks[-1]):.0f} s"
    found = []
    for tick, bits in recording.new_faults():
        for fault in faults.names(bits):
            text = fault.name.lower().replace("_", "-")
            found.append((_time(recording, tick), text, _states(ticks, tick), _lasted(ticks, tick, fault), length))
    if not found or ENDED in Path(recording.name).name:
        found.append((_time(recording, ticks[-1]), ENDED, ticks[-1].report.state.name, "", length))
    return [(*row, recording.name if turn == 0 else "") for turn, row in enumerate(found)]


def _states(ticks: Sequence[Tick], tick: Tick) -> str:
    """ "C > F": the state a moment before the fault, when nothing had opened yet, and the one it led to."""
    at = tick.number - ticks[0].number
    before, after = ticks[max(at - _BEFORE_TICKS, 0)].report.state.name, tick.report.state.name
    return after if before == after else f"{before} > {after}"


def _lasted(ticks: Sequence[Tick], tick: Tick, fault: faults.Fault) -> str:
    rest = ticks[tick.number - ticks[0].number :]
    over = next((one for one in rest if not one.report.faults >> fault & 1), None)
    return f"{_seconds(tick, over):.1f} s" if over else f"> {_seconds(tick, ticks[-1]):.1f} s"


def _seconds(start: Tick, end: Tick) -> float:
    return (end.now_ms - start.now_ms) / 1000


def _time(recording: Recording, tick: Tick) -> str:
    return f"{recording.at(tick).astimezone():%Y-%m-%d %H:%M:%S}"


def _plot(options: argparse.Namespace) -> int:
    recording = read(options.file)
    try:
        from smartevse.recorder.plot import draw
    except ImportError as error:
        raise RecordingError(
            f"drawing needs matplotlib ({error}): install it with 'pip install smartevse[plot]', or draw elsewhere"
        ) from error
    try:
        with options.picture.open("wb") as picture:
            draw(recording, picture)
    except OSError as error:
        raise RecordingError(
            f"cannot write the picture {options.picture} ({error}): name one in a folder that you may write to"
        ) from error
    return 0


def _replay(options: argparse.Namespace) -> int:
    recording = read(options.file)
    result = replay(recording)
    if result.at is not None:
        seconds = _seconds(recording.ticks[0], result.at)
        print(f"tick {result.at.number}, {seconds:.2f} s after the beginning: {result.difference}")
        return 1
    skipped = f" ({result.skipped} older than the first snapshot)" if result.skipped else ""
    print(f"{result.ticks} ticks, identical{skipped}")
    return 0
