"""What home automation tells the running station: the home battery's current, a current set by hand, access.

Nothing of it is stored. A battery's current has an age; the override lasts until it is taken back or Solar is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite

from smartevse.core.battery import Battery
from smartevse.core.pilot import MIN_OFFER_DA
from smartevse.core.reasons import amps
from smartevse.core.rules import Mode
from smartevse.core.site import BATTERY_LIFE_S
from smartevse.settings import offered
from smartevse.settings.values import Values
from smartevse.station.access import given_by
from smartevse.station.wishes import Access

MOST_BATTERY_A = 1000
"""More than any home battery takes or gives."""
OLD_NOTE = "no battery data"
"""The remark on the LCD when the battery was told once and is no more."""


class ToldError(ValueError):
    """What was told is refused; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Word:
    """One thing that can be told: how it is written and what it means."""

    usage: str
    means: str


WORDS: Mapping[str, Word] = {
    "battery": Word(
        "battery AMPS|off",
        f"what the home battery takes (positive) or gives (negative), all phases together; counts for"
        f" {BATTERY_LIFE_S:.0f} s, in Solar",
    ),
    "override": Word("override AMPS|off", "a current per phase in the place of MAX, until off or Solar is chosen"),
    "access": Word("access on|off|pause", "whether the car may charge"),
}
"""Everything that `smartevse tell` takes."""


class Told:
    """Keeps what was told last. `give` hands access on to whoever keeps it."""

    def __init__(self, values: Values, give: Callable[[Access], None]) -> None:
        self._values = values
        self._give = give
        self.battery: Battery | None = None
        """What was told of the home battery, whatever its age; None when nobody did or it was taken back."""
        self.override_da = 0
        """The current set by hand, 0.1 A per phase; 0 for none."""
        self._old = False
        self._lines: list[str] = []

    def use(self, values: Values) -> None:
        """These settings are in effect, not only passed in the menu: Solar or a Master elsewhere end the override."""
        if values is self._values:
            return
        self._values = values
        if self.override_da and (values.mode is Mode.SOLAR or values.node):
            what = "Solar was chosen" if values.mode is Mode.SOLAR else "this unit is a Node now"
            self._lines.append(f"the current set by hand ({amps(self.override_da)}) is over: {what}")
            self.override_da = 0

    def override_for(self, values: Values) -> int:
        """The current set by hand as it counts with these settings: never above MAX, none where the sun decides."""
        return 0 if values.mode is Mode.SOLAR else min(self.override_da, values.max_da)

    def hear(self, line: str, now_s: float) -> str:
        """Do what one line says; the result is what to answer. Raises ToldError."""
        words = line.split()
        match words:
            case []:
                return self.report(now_s)
            case ["battery", text]:
                return self._tell_battery(text, now_s)
            case ["override", text]:
                return self._tell_override(text)
            case ["access", ("on" | "off" | "pause") as word]:
                return self._tell_access(Access(word))
        known = WORDS.get(words[0])
        usages = known.usage if known else ", ".join(word.usage for word in WORDS.values())
        raise ToldError(f"{line.strip()[:60]!r} cannot be told: write {usages}")

    def report(self, now_s: float) -> str:
        """What counts now, in one line."""
        parts = [f"override {amps(self.override_da)}" if self.override_da else "override off"]
        if self.battery is None:
            parts.append("battery off")
        else:
            age_s = max(0, round(now_s - self.battery.at_s))
            what = f"battery {self.battery.da / 10:+.1f} A, told {age_s} s ago"
            parts.append(what if self.battery.counts(now_s) else f"{what}: too old, it counts as 0 A")
        return "; ".join(parts)

    def notes(self, now_s: float) -> tuple[str, ...]:
        """Remarks for the LCD; looks whether the battery's current has grown old."""
        old = self.battery is not None and not self.battery.counts(now_s)
        if old and not self._old:
            self._lines.append(
                f"home battery: nothing told for {BATTERY_LIFE_S:.0f} s, it counts as 0 A;"
                f" see to what tells it, or say: smartevse tell battery off"
            )
        self._old = old
        return (OLD_NOTE,) if old and self._values.mode is Mode.SOLAR else ()

    def take_lines(self) -> tuple[str, ...]:
        """The sentences for the journal since the last call."""
        lines, self._lines = tuple(self._lines), []
        return lines

    def _tell_battery(self, text: str, now_s: float) -> str:
        if text == "off":
            self.battery = None
            return "the home battery is not looked at"
        a = _number(text)
        if a is None or abs(a) > MOST_BATTERY_A:
            raise ToldError(
                f"battery cannot be {text[:20]!r}: give amperes from -{MOST_BATTERY_A} to {MOST_BATTERY_A},"
                f" charging positive, or off"
            )
        if self._values.node:
            raise ToldError("this unit is a Node and does not decide: tell the Master what the battery does")
        told_again = self._old
        self.battery = Battery(round(a * 10), now_s)
        if told_again:
            self._old = False
            self._lines.append("home battery: it is told again")
        if self._values.mode is not Mode.SOLAR:
            return f"{self.battery.words}; it has no effect in {self._values.mode.name.title()}, only in Solar"
        if self._values.battery_meter is not None:
            return f"{self.battery.words}; it has no effect while BATT MET names a meter"
        return self.battery.words

    def _tell_override(self, text: str) -> str:
        a = 0.0 if text == "off" else _number(text)
        values = self._values
        if a == 0:
            if self.override_da:
                self._lines.append("the current set by hand is taken back")
            self.override_da = 0
            return "MAX counts again"
        if values.node:
            raise ToldError("this unit is a Node and does not decide: set the current by hand at the Master")
        if values.mode is Mode.SOLAR:
            raise ToldError("a current set by hand counts in Normal and Smart only: choose one of them, MODE is Solar")
        least_da = int(values["min"]) * 10 if offered.minimum(values.choices) else MIN_OFFER_DA
        if a is None or not least_da <= round(a * 10) <= values.max_da:
            raise ToldError(
                f"override cannot be {text[:20]!r}: give {least_da / 10:g} A to {values.max_da / 10:g} A (MAX), or off"
            )
        da = round(a * 10)
        if da != self.override_da:
            self._lines.append(f"a current was set by hand: {amps(da)} in the place of MAX {amps(values.max_da)}")
        self.override_da = da
        return f"{amps(da)} in the place of MAX, until override off"

    def _tell_access(self, access: Access) -> str:
        by = given_by(self._values)
        if access is Access.ON and by != "keys":
            raise ToldError(f"access is given by the {by} here: set RFID and SWITCH to give it otherwise")
        self._give(access)
        self._lines.append(f"access was set to {access.value} from outside")
        return f"access {access.value}"


def _number(text: str) -> float | None:
    """A plain number that a person or program wrote; None for all else."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
