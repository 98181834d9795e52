"""`smartevse scenario`: runs stories in virtual time and says what held and what did not."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from smartevse.scenario import library, report
from smartevse.scenario.actions import VERBS
from smartevse.scenario.conditions import ROWS
from smartevse.scenario.engine import Run, run
from smartevse.scenario.reader import read_story
from smartevse.scenario.story import Story, StoryError

HELD, NOT_HELD, BAD_FILE = 0, 1, 2
POINTS = 4000
"""Points of each curve in a picture, at least."""


def main(argv: Sequence[str]) -> int:
    """Run the stories; exit status 0: all held, 1: some did not, 2: a file or an argument is wrong."""
    try:
        options = _parser().parse_args(argv)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    if options.list:
        return _list()
    if options.words:
        return _words()
    if not options.story:
        return _complain(f"name at least one story: a TOML file, or one of {', '.join(library.names())}")
    if options.plot and len(options.story) > 1:
        return _complain("--plot draws one story: name only one")
    try:
        stories = [read_story(library.find(word)) for word in options.story]
    except StoryError as error:
        return _complain(str(error))
    return _tell(stories, options.plot, as_json=options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="smartevse scenario",
        description="Runs charging stories (TOML files) in virtual time: given, at t, expect.",
        epilog=f"Stories that come with the program: {', '.join(library.names())}.",
    )
    parser.add_argument("story", nargs="*", metavar="FILE", help="a story's file, or the name of one of those below")
    parser.add_argument("--plot", type=Path, metavar="OUT.png", help="draw the story (needs the extra 'plot')")
    parser.add_argument("--json", action="store_true", help="one JSON value for machines instead of words")
    parser.add_argument("--list", action="store_true", help="list the stories that come with the program")
    parser.add_argument("--words", action="store_true", help="list what a story can do and expect")
    return parser


def _tell(stories: Sequence[Story], plot: Path | None, *, as_json: bool) -> int:
    """Run the stories and say what came of them."""
    runs: list[Run] = []
    values: list[dict[str, object]] = []
    for story in stories:
        began_s = time.perf_counter()
        came = run(story, sample_every=max(10, story.ends // POINTS) if plot is not None else None)
        took_s = time.perf_counter() - began_s
        runs.append(came)
        values.append(report.as_values(came, took_s))
        if not as_json:
            print("\n".join(report.lines(came, took_s)))
    if as_json:
        print(json.dumps(values, indent=1))
    elif len(runs) > 1:
        print(report.summary(runs))
    if plot is not None:
        from smartevse.scenario.plot import PlotError, draw

        try:
            draw(runs[0], plot)
        except PlotError as error:
            return _complain(str(error))
        if not as_json:
            print(f"  drawn: {plot}")
    return HELD if all(came.held for came in runs) else NOT_HELD


def _list() -> int:
    for name in library.names():
        story = read_story(library.find(name))
        print(f"{name:<24} {story.title}")
    return HELD


def _words() -> int:
    print("do = ...")
    for verb in VERBS.values():
        print(f"  {verb.usage:<48} {verb.means}")
    print("[[expect]] t | from, to | from, by     [[never]] from, to, longer_than_s     unit = 1 | [1, 2]")
    for key, row in ROWS.items():
        print(f"  {key:<48} {row.means}")
    return HELD


def _complain(sentence: str) -> int:
    print(f"smartevse scenario: {sentence}", file=sys.stderr)
    return BAD_FILE
