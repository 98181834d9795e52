"""TIMER, TIMER ON, TIMER OFF: delayed and repeated charging as a limit of the charge.

A plan begins when the owner sets the timer. It is kept in the state directory, so that a restart in the middle of the
night neither forgets nor repeats it.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from smartevse.core.limits import Limit
from smartevse.core.schedule import DAY_S, Plan, advanced, plan_limit
from smartevse.settings.offered import OPEN_END
from smartevse.settings.values import Values
from smartevse.station.wall_clock import WallClock

FILE_NAME = "timer.json"

Wish = tuple[str, int, int]
"""TIMER, TIMER ON and TIMER OFF (minutes of the day) that a plan was made for."""


def planned(wish: Wish, wall_s: int) -> Plan:
    """The plan for a wish at this moment (local seconds): the window that is open now, or else the next one."""
    kind, on, off = wish
    midnight_s = wall_s - wall_s % DAY_S
    start_s = midnight_s + on * 60
    if off == OPEN_END:
        return Plan(start_s if start_s >= wall_s else start_s + DAY_S)
    length_s = (off - on) % (24 * 60) * 60
    plan = advanced(Plan(start_s - DAY_S, start_s - DAY_S + length_s, daily=True), wall_s)
    return replace(plan, daily=kind == "daily")


class Timer:
    """The plan that is in force. `unkept`: it changed and `keep` should write it."""

    def __init__(self, directory: Path, now_s: Callable[[], int | None] | None = None) -> None:
        """`now_s` gives local seconds, None while the time is not known."""
        self._path = directory / FILE_NAME
        self._now_s = now_s or WallClock().now_s
        self._wish, self._plan = _read(self._path)
        self._connected = False
        self.unkept = False

    def limits(self, values: Values, *, connected: bool) -> tuple[Limit, ...]:
        """The limit of the timer, if it has one now; `connected`: a car is."""
        gone, self._connected = self._connected and not connected, connected
        wish = str(values["timer"]), int(values["timer_on"]), int(values["timer_off"])
        if wish[0] == "disabled":
            self._take(None, Plan())
            return ()
        wall_s = self._now_s()
        if wall_s is None:
            return _found(plan_limit(self._plan if wish == self._wish else planned(wish, 0), None))
        # without an end a daily plan is over when the car leaves: the next one waits for the next start
        over = gone and wish[0] == "daily" and wish[2] == OPEN_END
        every_day = wish[0] == "daily" and wish[2] != OPEN_END  # the time of day alone tells
        turned_back = (self._plan.start_s or 0) - wall_s > DAY_S
        if wish != self._wish or over or every_day or turned_back:
            self._take(wish, planned(wish, wall_s))
        return _found(plan_limit(self._plan, wall_s))

    def keep(self) -> str | None:
        """Write the plan, from any thread; a sentence when that is not possible."""
        self.unkept = False
        return _write(self._path, self._wish, self._plan)

    def _take(self, wish: Wish | None, plan: Plan) -> None:
        if (wish, plan) != (self._wish, self._plan):
            self._wish, self._plan, self.unkept = wish, plan, True


def _found(limit: Limit | None) -> tuple[Limit, ...]:
    return () if limit is None else (limit,)


def _read(path: Path) -> tuple[Wish | None, Plan]:
    """The kept plan with its wish; none when there is none, or none that makes sense: then it is made anew."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        kind, on, off = kept["wish"]
        stop_s = kept["plan"]["stop_s"]
        plan = Plan(int(kept["plan"]["start_s"]), None if stop_s is None else int(stop_s), bool(kept["plan"]["daily"]))
        return (str(kind), int(on), int(off)), plan
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None, Plan()


def _write(path: Path, wish: Wish | None, plan: Plan) -> str | None:
    """Keep it, all or nothing; without a plan the file goes."""
    new = path.with_suffix(".new")
    try:
        if wish is None:
            path.unlink(missing_ok=True)
            return None
        with new.open("w", encoding="utf-8") as file:
            json.dump({"wish": wish, "plan": asdict(plan)}, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        return f"the plan of the timer cannot be kept in {path} ({error.strerror}): a restart makes it anew"
    return None
