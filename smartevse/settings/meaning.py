"""What the owner's settings mean to the regulator and to the guard: one mapping for the station and for stories."""

from __future__ import annotations

from smartevse.core.pilot import MIN_OFFER_DA
from smartevse.core.rules import Rules
from smartevse.core.signals import Permit
from smartevse.settings.values import Values


def rules(values: Values, *, master: bool | None = None, meter: bool = True) -> Rules:
    """What the regulator goes by in a unit that stands alone or in the Master.

    `master` says so where more than LOAD BAL is known; `meter`: a mains meter can be read at all.
    """
    choices = values.choices
    return Rules(
        mode=values.mode,
        mains_a=int(choices["mains"]),
        min_a=int(choices["min"]),
        circuit_a=int(choices["circuit"]),
        start_a=int(choices["start"]),
        stop_min=int(choices["stop"]),
        import_a=int(choices["import"]),
        contact2=values.contact2,
        capacity_a=values.capacity_a,
        cap_stop_min=int(choices["cap_stop"]),
        master=values.master if master is None else master,
        circuit_meter=meter and values.circuit_meter is not None,
        meter=meter,
        guard_normal=choices["mains_in"] == "all",
        order=values.order,
        rotate_min=int(choices["rotate"]),
    )


def permit(
    values: Values, offer_da: int, resets: int, *, phases: int = 3, rcm_test: bool = False, user_stop: bool = False
) -> Permit:
    """What the guard may do with this offer, in 0.1 A; one that the pilot cannot show (below 6 A) offers none.

    `phases` (1 or 3) says which contactors; `resets` counts the key presses that were meant to reset a fault;
    `rcm_test`: the monitor has a test input; `user_stop`: the owner wants no charge, a sleeping car is left alone.
    """
    offer_da = offer_da if offer_da >= MIN_OFFER_DA else 0
    return Permit(
        offer_da=offer_da,
        charge=offer_da > 0,
        phases=phases,
        fixed_cable=values.fixed_cable,
        rcm=values.rcm,
        rcm_test=rcm_test,
        wake=values.wake,
        user_stop=user_stop,
        lock=values.lock,
        lock_policy=values.lock_policy,
        resets=resets & 0xFF,
    )
