from smartevse.core.charger import _EVENTS
from smartevse.core.states import EFFECTS, TRANSITIONS, Event, State


def test_every_state_has_an_effect_and_only_c_and_c1_close_the_contactor() -> None:
    assert set(EFFECTS) == set(State)
    assert {state for state, effect in EFFECTS.items() if effect.contactor} == {State.C, State.C1}


def test_the_contactor_is_entered_only_from_an_offer() -> None:
    into_closed = {
        (state, event)
        for (state, event), after in TRANSITIONS.items()
        if EFFECTS[after].contactor and not EFFECTS[state].contactor
    }
    assert into_closed == {(State.B, Event.READY)}


def test_every_state_can_be_reached_from_a_and_left_again() -> None:
    reached, edge = {State.A}, [State.A]
    while edge:
        state = edge.pop()
        for (before, _), after in TRANSITIONS.items():
            if before is state and after not in reached:
                reached.add(after)
                edge.append(after)
    assert reached == set(State)
    for state in State:
        assert any(before is state for before, _ in TRANSITIONS), state


def test_a_fault_leads_to_f_from_every_other_state() -> None:
    assert {before for before, event in TRANSITIONS if event is Event.FAULT} == set(State) - {State.F}
    assert all(after is State.F for (_, event), after in TRANSITIONS.items() if event is Event.FAULT)


def test_every_event_is_looked_for_once_and_in_the_order_of_its_number() -> None:
    assert [event for event, _ in _EVENTS] == list(Event)
