"""What the guard remembers from one tick to the next, and what it looks at within one."""

from __future__ import annotations

from typing import NamedTuple

from smartevse.core.contactor import Contactor
from smartevse.core.faults import Standing
from smartevse.core.lock import Plug
from smartevse.core.pilot import Level
from smartevse.core.proof import Proof
from smartevse.core.signals import Inputs, Outputs, Permit
from smartevse.core.states import Event, Hold, State
from smartevse.core.view import View


class Wake(NamedTuple):
    """Waking a sleeping car: pulses given for this connection, and until when the present one lasts."""

    tries: int = 0
    until_ms: int = 0

    @property
    def spent(self) -> bool:
        """Whether all pulses were given."""
        return self.tries >= 2


class Memory(NamedTuple):
    """The whole memory; the default is a guard that has just started and proven nothing."""

    state: State = State.A
    since_ms: int = 0
    kept: Permit = Permit()
    """The last permit, for the wiring it tells of (cable, lock, RCM), also after it expired."""
    view: View = View()
    standing: Standing = Standing()
    proof: Proof = Proof()
    contactor: Contactor = Contactor()
    plug: Plug = Plug()
    wake: Wake = Wake()
    armed: bool = False
    """The car has shown 9 V: it may be offered current."""
    cable_da: int = 0
    """What the cable carries; 0 while it is not known or not asked for."""
    warm_dc: int = 0
    """The board's temperature that the offer follows."""
    rest_until_ms: int = 0
    reset_until_ms: int = 0
    """Until when the owner's last key press may end a latched fault: long enough for a proof test."""
    beats: int = 0
    """Consecutive ticks with a heartbeat, no further than 3."""
    fingerprint: int = -1
    frozen_ticks: int = 0
    outputs: Outputs = Outputs()


class Tick(NamedTuple):
    """Everything that one decision looks at."""

    memory: Memory
    inputs: Inputs
    permit: Permit | None
    kept: Permit
    view: View
    now_ms: int
    resetting: bool = False
    """The owner pressed a key a moment ago."""
    wrong: int = 0
    """One bit for each fault whose condition holds in this tick."""
    standing: Standing = Standing()
    offer_da: int = 0


class Report(NamedTuple):
    """What a decision tells the station."""

    state: State
    level: Level
    hold: Hold
    faults: int
    offer_da: int
    """The current that the guard would offer now: permit, cable and temperature taken together; 0 for none."""
    cable_da: int
    event: Event | None
    """The event that changed the state in this tick."""
