"""The Master's table of all chargers for its display: who is there, what each car does and what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smartevse.bus.master import CARS, Peer
from smartevse.bus.units import BusError
from smartevse.core.decision import Grant
from smartevse.core.rules import Car
from smartevse.core.states import State
from smartevse.panel.model import UnitLine

BROKEN = BusError.TEMP_HIGH | BusError.RCM_TRIPPED | BusError.CT_NOCOMM
"""What of a Node's errors somebody has to look at; too little current is none of these."""
_STATES: Mapping[Car, State] = {Car.AWAY: State.A, Car.CONNECTED: State.B, Car.CHARGING: State.C}


def unit_lines(
    state: State | None, peers: Mapping[int, Peer], grants: Sequence[Grant], now_s: float
) -> tuple[UnitLine, ...]:
    """This unit first, then every Node that was ever heard; empty while there is none.

    `state` is the own one, None while the guard is silent; `grants` as the regulator gave them, own unit first.
    """
    heard = {number: peer for number, peer in peers.items() if peer.status is not None}
    if not heard:
        return ()
    given = [grant.offer_da for grant in grants] + [0] * (1 + max(peers))
    own = UnitLine("Master", state.name if state is not None else "", given[0])
    return (own, *(_node(number, peer, given[number], now_s) for number, peer in heard.items()))


def _node(number: int, peer: Peer, offer_da: int, now_s: float) -> UnitLine:
    name = f"Node {number}"
    if peer.status is None or not peer.online(now_s):
        return UnitLine(name)
    if peer.status.errors & BROKEN:
        return UnitLine(name, State.F.name)
    return UnitLine(name, _STATES[CARS.get(peer.status.state, Car.AWAY)].name, offer_da)
