from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.faults import Fault
from smartevse.core.limits import Limit
from smartevse.core.reasons import Why
from smartevse.core.states import Hold, State
from smartevse.panel.fault_screens import FAULT_SCREENS
from smartevse.panel.model import EvReading, MenuView, PanelStatus
from smartevse.panel.screens import HOLD_FOR_MENU, HOLDS, TURN_S, duration, frame, scrolled

TRANSCRIPT = Path(__file__).with_name("screens.txt")
SIZES = ((20, 4), (16, 2))

A = PanelStatus(state=State.A, hold="NO_CAR", reason="13.0 A: MAX", temperature_dc=231, version="3.0.0", clock="21:30")
B = replace(A, state=State.B, hold="CAR_NOT_READY", offer_da=160, reason="16.0 A: cable", cable_da=160, session_s=75)
C = replace(B, state=State.C, hold="NONE", session_s=5025)
METER = EvReading(11040, 12340, (160, 159, 161))
HELP = "The highest current for the car, per phase."
MENU = MenuView("MAX", "13 A", False, HELP, 0.0, 2, 4)

SCREENS: dict[str, PanelStatus] = {
    "A: no car": A,
    "A: no car, EV meter silent": replace(A, notes=("EV meter silent",)),
    "B1: safety check": replace(B, state=State.B1, hold="PROOF_TEST", offer_da=0),
    "B1: the permit says no": replace(B, state=State.B1, hold="NOT_WANTED", offer_da=0, reason="pause"),
    "B: the car is not ready": B,
    "C: without EV meter": C,
    "C: with EV meter": replace(C, ev_meter=METER),
    "C: with EV meter, fixed cable, most of everything": replace(
        C,
        offer_da=800,
        reason="80.0 A: MAX",
        cable_da=0,
        ev_meter=EvReading(55_200, 123_456, (800, 800, 800)),
        session_s=90_000,
    ),
    "C1: stopping": replace(C, state=State.C1, hold="NOT_WANTED", offer_da=0, ev_meter=METER),
    "E: pilot shorted": replace(A, state=State.E),
    "F: own fault": replace(A, state=State.F),
    "guard silent": replace(C, guard_age_s=1.2),
    "o is down": replace(A, hint=HOLD_FOR_MENU),
    "menu: an item": replace(A, menu=MENU),
    "menu: a value": replace(A, menu=replace(MENU, editing=True)),
    "menu: the help moves": replace(A, menu=replace(MENU, idle_s=9.0)),
    "menu: EXIT": replace(A, menu=MenuView("EXIT", "MENU", False, "Leave the menu and keep all changes.", 0.0, 4, 4)),
}

SCREENS |= {
    f"fault: {fault.name.replace('_', ' ').lower()}": replace(A, fault=lines) for fault, lines in FAULT_SCREENS.items()
}


def turns(status: PanelStatus, columns: int, rows: int) -> list[tuple[str, ...]]:
    """The different frames that take turns, in their order."""
    frames: list[tuple[str, ...]] = []
    for turn in range(12):
        lines = frame(replace(status, now_s=float(turn * TURN_S)), columns, rows)
        if lines not in frames:
            frames.append(lines)
    return frames


def transcript() -> str:
    """Every screen in both sizes, side by side with its turns, as a person would draw them."""
    text = ""
    for name, status in SCREENS.items():
        text += f"# {name}\n"
        for columns, rows in SIZES:
            frames = turns(status, columns, rows)
            edge = "  ".join(["+" + "-" * columns + "+"] * len(frames))
            text += edge + "\n"
            for row in range(rows):
                text += "  ".join(f"|{lines[row]}|" for lines in frames) + "\n"
            text += edge + "\n"
        text += "\n"
    return text


def test_every_screen_is_as_it_was_agreed() -> None:
    assert transcript() == TRANSCRIPT.read_text("utf-8"), "run `python -m tests.panel.test_screens` and read the change"


def test_every_state_has_a_screen() -> None:
    assert len({frame(replace(A, state=state)) for state in State}) == len(State)


def test_every_reason_of_the_guard_has_words_or_leaves_it_to_the_reason_of_the_current() -> None:
    assert set(HOLDS) == {hold.name for hold in Hold}
    assert all(len(text) <= 20 for text in HOLDS.values())


def test_every_fault_has_whole_screens_that_fit_the_smallest_display() -> None:
    assert set(FAULT_SCREENS) == set(Fault)
    for lines in FAULT_SCREENS.values():
        assert len(lines) in (4, 8)
        assert all(len(line) <= 16 for line in lines)


def test_the_faults_of_the_manual_are_in_its_words() -> None:
    assert FAULT_SCREENS[Fault.NO_SERIAL_COM] == ("ERROR NO", "SERIAL COM", "CHECK", "WIRING")
    assert FAULT_SCREENS[Fault.NO_CURRENT][:2] == ("ERROR NO", "CURRENT")
    assert FAULT_SCREENS[Fault.HIGH_TEMP][:2] == ("ERROR", "HIGH TEMP")
    assert FAULT_SCREENS[Fault.RCM_TRIP][:4] == ("RESIDUAL", "FAULT", "CURRENT", "DETECTED")


def test_the_car_is_called_a_car() -> None:
    words = transcript().replace("EV meter", "").replace("EV METER", "").split()
    assert "EV" not in words
    assert "car" in words


def test_a_silent_guard_is_more_urgent_than_anything_else_it_said() -> None:
    lines = frame(replace(C, guard_age_s=1.01, fault=("HIGH TEMP", "ERROR", "CHARGING", "STOPPED")))
    assert lines[0].startswith("NO SIGNAL FROM")
    assert frame(replace(C, guard_age_s=1.0))[0].startswith("CHARGING")


def test_the_menu_can_be_used_while_there_is_a_fault() -> None:
    assert frame(replace(A, fault=("ERROR", "", "", ""), menu=MENU))[0] == "<       MAX        >"


def test_the_offer_is_at_the_end_of_the_headline() -> None:
    for state in (State.B, State.C):
        lines = frame(replace(C, state=state, offer_da=135))
        assert lines[0].endswith(" 13.5A")


@pytest.mark.parametrize("why", list(Why))
def test_the_reason_of_any_limit_is_read_in_full(why: Why) -> None:
    short = Limit(800, why, phase=2, seen_da=800, wait_s=3599).short
    assert any(line.rstrip() == short for line in frame(replace(C, reason=short)))


def test_the_help_is_still_then_moves_and_shows_every_word() -> None:
    assert scrolled(HELP, 20, 0.0) == HELP[:20]
    assert scrolled(HELP, 20, 5.9) == HELP[:20]
    seen = [scrolled(HELP, 20, 5 + tenth / 10) for tenth in range(200)]
    assert HELP[-20:] in seen
    assert {HELP[start : start + 20] for start in range(len(HELP) - 19)} == set(seen)


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0:00"), (0, "0:00"), (65, "1:05"), (3600, "1:00:00"), (360_000, "4d 04h")]
)
def test_a_length_of_time_is_short(seconds: int, text: str) -> None:
    assert duration(seconds) == text


texts = st.text(max_size=30)
statuses = st.builds(
    PanelStatus,
    now_s=st.floats(0, 1e9),
    state=st.sampled_from(State),
    hold=st.sampled_from([*HOLDS, "SOMETHING_NEW"]),
    fault=st.just(()) | st.lists(texts, min_size=1, max_size=8).map(tuple),
    guard_age_s=st.floats(0, 10),
    offer_da=st.integers(0, 800),
    reason=texts,
    cable_da=st.integers(0, 630),
    ev_meter=st.none()
    | st.builds(
        EvReading,
        st.integers(-100_000, 100_000),
        st.integers(0, 10**9),
        st.tuples(*[st.integers(-2000, 2000)] * 3),
    ),
    session_s=st.none() | st.integers(-10, 10**8),
    temperature_dc=st.none() | st.integers(-32768, 32767),
    version=texts,
    clock=texts,
    notes=st.lists(texts, max_size=3).map(tuple),
    hint=st.just(()) | st.lists(texts, min_size=1, max_size=2).map(tuple),
    menu=st.none()
    | st.builds(
        MenuView, texts, texts, st.booleans(), st.text(max_size=99), st.floats(0, 1e6), st.integers(1, 99), st.just(99)
    ),
)


@given(statuses, st.sampled_from([*SIZES, (40, 4)]))
def test_no_status_ever_draws_outside_the_display_or_what_it_has_no_character_for(
    status: PanelStatus, size: tuple[int, int]
) -> None:
    columns, rows = size
    lines = frame(status, columns, rows)
    assert [len(line) for line in lines] == [columns] * rows
    assert all(" " <= char <= "}" and char != "\\" for line in lines for char in line)


if __name__ == "__main__":
    TRANSCRIPT.write_text(transcript(), "utf-8")
