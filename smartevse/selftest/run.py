"""Goes through the table of checks and says how each ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from smartevse.selftest.bench import Unsafe
from smartevse.selftest.car_checks import CAR_CHECKS
from smartevse.selftest.check import Check, Found, Kit, Outcome, Range
from smartevse.selftest.hat_checks import HAT_CHECKS
from smartevse.selftest.lock_checks import LOCK_CHECKS
from smartevse.selftest.panel_checks import PANEL_CHECKS

CHECKS: tuple[Check, ...] = (*HAT_CHECKS, *LOCK_CHECKS, *PANEL_CHECKS, *CAR_CHECKS)
"""Every check, in the order in which they are made: nothing is switched on before what must hold then was seen."""

ATTEMPTS = 3
EXIT_PASSED, EXIT_FAILED, EXIT_NOT_DONE = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Result:
    """How one check ended, and what was found."""

    check: Check
    outcome: Outcome
    text: str


def run(kit: Kit, tell: Callable[[Result], None], checks: Iterable[Check] = CHECKS) -> list[Result]:
    """Make every check that this station has; `tell` hears of each at once. The board is at rest after each.

    A check whose conditions did not hold is not done. Raises BoardGoneError when the hat is lost.
    """
    kit.bench.rest()
    results: list[Result] = []
    passed: set[str] = set()
    absent: set[str] = set()
    for check in checks:
        if not check.fitted(kit.setup):
            absent.add(check.name)
            continue
        missing = [name for name in check.needs if name not in passed | absent]
        found = Found(Outcome.NOT_DONE, f"needs {', '.join(missing)}") if missing else _made(check, kit)
        result = Result(check, found.outcome, found.text)
        if found.outcome is Outcome.PASSED:
            passed.add(check.name)
        results.append(result)
        tell(result)
    return results


def chosen(names: Iterable[str]) -> tuple[Check, ...]:
    """The checks of these names with all that they need, in the table's order; all of them without a name.

    Raises ValueError for a name that is none.
    """
    by_name = {check.name: check for check in CHECKS}
    wanted: set[str] = set()
    left = list(names)
    if not left:
        return CHECKS
    while left:
        name = left.pop()
        if name not in by_name:
            raise ValueError(f"there is no check {name!r}: use some of {', '.join(by_name)}")
        if name not in wanted:
            wanted.add(name)
            left += by_name[name].needs
    return tuple(check for check in CHECKS if check.name in wanted)


def exit_status(results: Iterable[Result]) -> int:
    """0 when all passed, 1 when one failed, 3 when none failed but not all were done."""
    outcomes = {result.outcome for result in results}
    if Outcome.FAILED in outcomes:
        return EXIT_FAILED
    return EXIT_NOT_DONE if Outcome.NOT_DONE in outcomes else EXIT_PASSED


def _made(check: Check, kit: Kit) -> Found:
    """The check, made again when it failed while other programs held it up."""
    for _ in range(ATTEMPTS):
        late = kit.bench.late
        found = _once(check, kit)
        if found.outcome is not Outcome.FAILED or kit.bench.late == late:
            break
    return found


def _once(check: Check, kit: Kit) -> Found:
    try:
        found = check.work(kit)
    except Unsafe as error:
        found = Found(Outcome.FAILED, str(error))
    kit.bench.rest()
    if isinstance(found, Found):
        return found
    assert isinstance(check.allowed, Range)
    if found is None:
        return Found(Outcome.FAILED, "never came")
    inside = check.allowed.low <= found <= check.allowed.high
    return Found(Outcome.PASSED if inside else Outcome.FAILED, f"{round(found, 2):g} {check.allowed.unit}")
