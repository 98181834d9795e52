"""How much current the car is offered and why: from settings, reports and readings to one offer at every look.

A unit that stands alone in Normal mode needs no regulator: MAX, or what the cable carries. All others ask
`core.regulator` at each fresh mains reading, at once when a car, a setting or a wish changed, and every 2 s. The guard
limits by cable and temperature again, on its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smartevse.bus.ev_reading import EvReading
from smartevse.core.battery import Battery, with_battery
from smartevse.core.charger import DERATE_FROM_DC
from smartevse.core.circuit import circuit_limit
from smartevse.core.decision import Decision, Grant
from smartevse.core.faults import Fault
from smartevse.core.limits import Limit, binding, normal_limit
from smartevse.core.measurement import Reading
from smartevse.core.memory import State
from smartevse.core.phases import fixed_phases
from smartevse.core.reasons import Why
from smartevse.core.regulator import decide
from smartevse.core.rules import Car, Inputs, Mode, Rules, Unit
from smartevse.core.states import State as Pilot
from smartevse.guard.wire import Status
from smartevse.settings import meaning, offered
from smartevse.settings.values import Values
from smartevse.station.access import guarded
from smartevse.station.own_unit import OwnUnit, cable_of
from smartevse.station.wishes import Wishes

NOTHING_SPECIAL = Wishes()
Q_NONE_A = 1 << 20
"""More than any CAPACITY."""
_QUARTER = {Why.CAPACITY: Why.PEAK, Why.HOLD_CAPACITY: Why.HOLD_PEAK, Why.NO_CAPACITY: Why.NO_PEAK}
"""The reasons of CAPACITY, where it is the quarter of an hour that binds."""
EVERY_S = 2.0
"""A decision is due this long after the last one, whatever happens (the manual's cycle)."""


@dataclass(frozen=True, slots=True)
class Around:
    """What is measured beside the mains and the car."""

    circuit: Reading | None = None
    """The last answer of the circuit meter, whatever its age."""
    battery: Battery | None = None
    """The home battery, by its meter or as somebody told; None while nobody does."""
    quarter_a: int | None = None
    """What this quarter of an hour leaves to the house, A, sum of the phases; None where that is not kept."""


NOTHING_AROUND = Around()


@dataclass(frozen=True, slots=True)
class Offer:
    """What the own car is offered, and what panel and journal have to tell of it."""

    limit: Limit
    """What binds; the offer is its amount."""
    phases: int = 3
    """1 or 3: how the contactors are to close the next time."""
    faults: tuple[Fault, ...] = ()
    """What of the manual's errors the station shows: NO_SERIAL_COM, NO_CURRENT, EV_METER."""
    stop_in_s: int | None = None
    """Seconds until the charge stops for want of sun or capacity; None while no such timer runs."""
    mode: Mode = Mode.NORMAL
    mains: Reading | None = None
    """The mains currents it was decided by; None where they do not matter or are too old."""
    silent_circuit: bool = False
    """NO_SERIAL_COM is the circuit meter's."""
    battery_da: int | None = None
    """What the home battery takes (positive) or gives, all phases together; None where that has no part."""


def regulated(values: Values) -> bool:
    """Whether the regulator decides: mains or circuit are looked at or shared, or the grid's relay may limit."""
    return values.regulated or offered.circuit(values.choices) or (values["switch"] == "grid_relay" and not values.node)


def limit_for(values: Values, status: Status | None, override_da: int = 0, limits: Sequence[Limit] = ()) -> Limit:
    """What binds the offer in Normal mode without a regulator; `status` None while nothing fresh is known."""
    cable_da = cable_of(values, status)
    own = normal_limit(values.max_da, cable_da)
    if override_da:
        by_hand = Limit(override_da, Why.OVERRIDE)
        own = by_hand if cable_da is None else binding((by_hand, Limit(cable_da, Why.CABLE)))
    return binding((own, *limits))


def first_offer(values: Values, status: Status | None) -> Offer:
    """What is offered before anything else is known: a station that comes back must not end a charge that runs.

    Regulated it is MIN, and only while a car charges: nobody else begins before the mains meter was heard. Where a card
    or a switch gives access only a charge that runs has it yet.
    """
    phases = fixed_phases(values.contact2, values.mode) or 3
    charging = status is not None and status.state is Pilot.C
    if guarded(values) and not charging:
        return Offer(Limit(0, Why.ACCESS), phases, mode=values.mode)
    if not regulated(values):
        return Offer(limit_for(values, status), phases)
    least_da = min(int(values["min"]) * 10, limit_for(values, status).offer_da)
    return Offer(Limit(least_da, Why.HOLD_DATA) if charging else Limit(0, Why.FIRST_DATA), phases, mode=values.mode)


def warmed(offer: Offer, status: Status) -> Offer:
    """The offer with the reason of a guard that gives less of it because the board is warm."""
    if status.temperature_dc <= DERATE_FROM_DC or not 0 < status.limit_da < offer.limit.offer_da:
        return offer
    return replace(offer, limit=Limit(status.limit_da, Why.TEMPERATURE))


class Regulation:
    """Asks the regulator when it is worth it and keeps what it remembers. Own unit first, then those of the Nodes."""

    def __init__(self, *, line: bool) -> None:
        """`line`: there is a RS485 line on which a mains meter can be."""
        self._line = line
        self._own = OwnUnit()
        self._permitted = 3
        self._state = State()
        self._values: Values | None = None
        self._rules = Rules()
        self._seen: tuple[object, ...] = ()
        self._decision: Decision | None = None
        self._due_s = float("-inf")
        self._circuit: tuple[object, float] | None = None
        """The circuit meter that is asked, and since when."""

    def offer(
        self,
        now_s: float,
        values: Values,
        status: Status | None,
        reading: EvReading,
        mains: Reading | None,
        wishes: Wishes = NOTHING_SPECIAL,
        limits: tuple[Limit, ...] = (),
        others: tuple[Unit, ...] = (),
        around: Around = NOTHING_AROUND,
    ) -> Offer:
        """What the own car is offered now; `others`: the Nodes of a Master, whose grants are in `grants` then.

        `status`: the guard's fresh report, None without one; `reading`: the EV meter's fresh answers; `mains`: the last
        answer of the mains meter, whatever its age; `limits`: those of the timer and from outside; `around`: what is
        measured beside.
        """
        if not regulated(values):
            self._decision, self._state, self._circuit = None, State(), None
            self._permitted = fixed_phases(values.contact2, values.mode) or 3
            limit = limit_for(values, status, wishes.override_da, (*wishes.limits, *limits))
            return Offer(limit, self._permitted, mode=values.mode)
        own = self._own.unit(values, status, reading, wishes, limits, self._permitted)
        units, silent = self._circuit_units(now_s, values, (own, *others), around.circuit)
        decision = self._decide(now_s, values, units, mains, around, relay=wishes.grid_relay_open)
        offer = _offer_of(decision, own, values.mode, mains, silent_circuit=silent)
        if offer.limit.why is Why.CAPACITY and offer.stop_in_s is not None:
            offer = replace(offer, limit=offer.limit._replace(why=Why.HOLD_CAPACITY, wait_s=offer.stop_in_s))
        if around.quarter_a is not None and around.quarter_a < (values.capacity_a or Q_NONE_A):
            why = _QUARTER.get(offer.limit.why, offer.limit.why)
            offer = replace(offer, limit=offer.limit._replace(why=why))
        self._permitted = offer.phases
        battery = around.battery
        if battery is None or values.mode is not Mode.SOLAR or not battery.counts(now_s):
            return offer
        return replace(offer, limit=with_battery(offer.limit, battery, now_s), battery_da=round(battery.da))

    @property
    def grants(self) -> tuple[Grant, ...]:
        """What the last decision gives to each unit, in the order of the units; empty while nobody regulates."""
        return self._decision.grants if self._decision is not None else ()

    def _circuit_units(
        self, now_s: float, values: Values, units: tuple[Unit, ...], circuit: Reading | None
    ) -> tuple[tuple[Unit, ...], bool]:
        """The units with what a silent circuit meter makes of them, and whether it is silent for good."""
        meter = values.circuit_meter
        if meter is None:
            self._circuit = None
            return units, False
        asked = meter, values.circuit_meter_address
        if self._circuit is None or self._circuit[0] != asked:
            self._circuit = asked, now_s
        since_s, stale_s, least_da = self._circuit[1], Rules().stale_s, int(values["min"]) * 10
        found = []
        for unit in units:
            charging = unit.car is Car.CHARGING
            limit = circuit_limit(circuit, now_s, since_s, stale_s, least_da=least_da if charging else None)
            if limit is None:
                return units, False
            found.append(replace(unit, limits=(*unit.limits, limit)))
        return tuple(found), found[0].limits[-1].why is Why.NO_CIRCUIT_DATA

    def _decide(
        self,
        now_s: float,
        values: Values,
        units: tuple[Unit, ...],
        mains: Reading | None,
        around: Around,
        *,
        relay: bool,
    ) -> Decision:
        """A new decision when something is new or 2 s have passed, else the last one."""
        if values is not self._values:
            self._values = values
            self._rules = meaning.rules(values, meter=self._line)
        relay = relay and values["switch"] == "grid_relay"
        # what the EV meter says alone is no reason to decide anew: it comes as often as the mains reading
        circuit = around.circuit if self._rules.circuit_meter else None
        rules = self._rules
        if around.quarter_a is not None:
            rules = replace(rules, capacity_a=min(around.quarter_a, rules.capacity_a or around.quarter_a))
        seen = (rules, [replace(unit, drawn=None) for unit in units], mains, circuit, relay)
        if self._decision is None or seen != self._seen or now_s >= self._due_s:
            self._seen, self._due_s = seen, now_s + EVERY_S
            battery = around.battery or Battery(0, float("-inf"))
            inputs = Inputs(now_s, rules, units, mains, circuit, battery.da, battery.at_s, relay)
            self._state, self._decision = decide(self._state, inputs)
        return self._decision


def _offer_of(
    decision: Decision, own: Unit, mode: Mode, mains: Reading | None, *, silent_circuit: bool = False
) -> Offer:
    """What panel, journal and permit need of the own unit's grant."""
    grant = decision.grants[0]
    faults = [Fault.NO_SERIAL_COM] if decision.no_data or silent_circuit else []
    if grant.no_current and own.car is not Car.AWAY:
        faults.append(Fault.NO_CURRENT)
    limit = grant.limit if grant.limit.offer_da == grant.offer_da else grant.limit._replace(offer_da=grant.offer_da)
    seen = None if decision.no_data else mains
    only_circuit = silent_circuit and not decision.no_data
    return Offer(limit, grant.phases, tuple(faults), decision.stop_in_s, mode, seen, silent_circuit=only_circuit)
