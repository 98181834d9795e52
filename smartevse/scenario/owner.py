"""The owner's settings of a story, by the manual's names and option texts, looked up once for each word."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from smartevse.core.rules import Contact2, Mode, Rules
from smartevse.core.signals import Lock, Permit
from smartevse.settings import meaning, offered
from smartevse.settings.rows import TABLE
from smartevse.settings.table import SettingsError
from smartevse.settings.values import Values, default_values


@dataclass(frozen=True)
class Wishes:
    """What the owner of one unit has set; frozen, `changed` gives another, so each word is looked up once."""

    values: Values

    @classmethod
    def default(cls) -> Wishes:
        """Everything as it comes out of the box."""
        return cls(default_values())

    def changed(self, name: str, text: str) -> Wishes:
        """The wishes after `name` was set to what a person typed; SettingsError with a sentence if that cannot be."""
        row = TABLE.find(name)
        values = self.values.changed({row.key: row.parse(text)})
        found = TABLE.contradiction(values.choices)
        if found is not None:
            raise SettingsError(found[1])
        return Wishes(values)

    @cached_property
    def max_da(self) -> int:
        """MAX in 0.1 A per phase."""
        return self.values.max_da

    @cached_property
    def fixed_cable(self) -> bool:
        """CONFIG = Fixed."""
        return self.values.fixed_cable

    @cached_property
    def ev_meter(self) -> bool:
        """Whether a meter of the car's current is fitted."""
        return self.values.ev_meter is not None

    @cached_property
    def lock(self) -> Lock:
        """LOCK."""
        return self.values.lock

    @cached_property
    def rcm(self) -> bool:
        """RCMON."""
        return self.values.rcm

    @cached_property
    def mode(self) -> Mode:
        """MODE."""
        return self.values.mode

    @cached_property
    def circuit_meter(self) -> bool:
        """Whether a meter of the chargers' circuit is fitted."""
        return self.values.circuit_meter is not None

    @cached_property
    def regulated(self) -> bool:
        """Whether a unit that stands alone asks the regulator."""
        values = self.values
        return values.regulated or offered.circuit(values.choices) or values["switch"] == "grid_relay"

    @cached_property
    def contact2(self) -> Contact2:
        """CONTACT 2."""
        return self.values.contact2

    def rules(self, *, meter: bool, units: int) -> Rules:
        """What the regulator goes by: the wishes of the stand-alone unit or of the Master."""
        return meaning.rules(self.values, master=units > 1, meter=meter)

    def permit(self, offer_da: int, phases: int, *, resets: int) -> Permit:
        """What the guard may do with this offer; one that the pilot cannot show (below 6 A) offers none."""
        return meaning.permit(self.values, offer_da, resets, phases=phases)
