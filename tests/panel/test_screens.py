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
from smartevse.panel.glyphs import CAR, GRID, HOUSE, LEFT, READABLE, RIGHT, readable
from smartevse.panel.model import EvReading, MenuView, PanelStatus, UnitLine
from smartevse.panel.pages import HOLDS, amps, duration, narrow, unit_cells
from smartevse.panel.screens import TURN_S, frame, scrolled

TRANSCRIPT = Path(__file__).with_name("screens.txt")
SIZES = ((20, 4), (16, 2))

A = PanelStatus(state=State.A, hold="NO_CAR", reason="13.0 A: MAX", temperature_dc=231, version="3.0.0", clock="21:30")
B = replace(A, state=State.B, hold="CAR_NOT_READY", offer_da=160, reason="16.0 A: cable", cable_da=160, session_s=75)
C = replace(B, state=State.C, hold="NONE", session_s=5025)
METER = EvReading(11040, 12340, (160, 159, 161))
HELP = "The highest current for the car, per phase."
SMART = replace(
    C,
    mode="SMART",
    mains_da=(253, 121, -34),
    reason="6.0 A: L1 at 25 A",
    offer_da=60,
    ev_meter=EvReading(4140, 2210, (60, 60, 59)),
)
SOLAR = replace(SMART, mode="SOLAR", mains_da=(-12, -8, -14), reason="8.3 A: sun", offer_da=83, phases=1)
UNITS = (
    UnitLine("Master", "C", 160),
    UnitLine("Node 1", "C", 60),
    UnitLine("Node 2", "B1"),
    UnitLine("Node 3", "A"),
    UnitLine("Node 5"),
    UnitLine("Node 7", "F"),
)
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
    "C: Smart": SMART,
    "C: Smart without EV meter": replace(SMART, ev_meter=None),
    "C: Solar": SOLAR,
    "C: Solar, the sun is gone": replace(
        SOLAR, mains_da=(40, 30, 20), reason="6.0 A: no sun 9:12", stop_in_s=552, phases=3
    ),
    "C: largest numbers": replace(
        SMART, mains_da=(-1999, -1999, -1999), offer_da=800, ev_meter=EvReading(55_200, 123_456, (800, 800, 800))
    ),
    "A: Smart": replace(A, mode="SMART", mains_da=(53, 21, 4), reason="13.0 A: MAX"),
    "A: Solar": replace(A, mode="SOLAR", mains_da=(-12, -8, -14), reason="sun: 0.6 A more"),
    "B1: Solar, waiting for the sun": replace(
        B, state=State.B1, hold="NOT_WANTED", offer_da=0, mode="SOLAR", mains_da=(1, 0, -1), reason="sun: 4.1 A more"
    ),
    "A: access denied": replace(A, access="off", reason="access denied"),
    "A: access by card": replace(A, access="off", access_by="card", reason="access denied"),
    "A: access by a switch": replace(A, access="off", access_by="switch", reason="access denied"),
    "B1: access by card": replace(
        B, state=State.B1, access="off", access_by="card", reason="access denied", offer_da=0
    ),
    "B1: pause": replace(B, state=State.B1, access="pause", reason="pause", offer_da=0),
    "C: Master with Nodes": replace(C, units=UNITS),
    "announced": replace(A, announce=("CARD STORED", "04A1B2C3D4E5F6")),
    "C1: stopping": replace(C, state=State.C1, hold="NOT_WANTED", offer_da=0, ev_meter=METER),
    "E: pilot shorted": replace(A, state=State.E),
    "F: own fault": replace(A, state=State.F),
    "guard silent": replace(C, guard_age_s=1.2),
    "o is down": replace(A, hint=("Hold 2 sec", "for Menu")),
    "menu: an item": replace(A, menu=MENU),
    "menu: a value": replace(A, menu=replace(MENU, editing=True)),
    "menu: the help moves": replace(A, menu=replace(MENU, idle_s=9.0)),
    "menu: an action": replace(
        A, menu=MenuView("RFID", "Learn", True, HELP, 0.0, 12, 20, ("hold card to it", "3 of 20 known"))
    ),
    "menu: EXIT": replace(A, menu=MenuView("EXIT", "MENU", False, "Leave the menu and keep all changes.", 0.0, 4, 4)),
}

SCREENS |= {
    f"fault: {fault.name.replace('_', ' ').lower()}": replace(A, fault=lines) for fault, lines in FAULT_SCREENS.items()
}


def turns(status: PanelStatus, columns: int, rows: int) -> list[tuple[str, ...]]:
    """The different frames that take turns, in their order."""
    frames: list[tuple[str, ...]] = []
    for turn in range(24):
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
                text += "  ".join(f"|{readable(lines[row])}|" for lines in frames) + "\n"
            text += edge + "\n"
        text += "\n"
    return text


def test_every_screen_is_as_it_was_agreed() -> None:
    assert transcript() == TRANSCRIPT.read_text("utf-8"), "run `python -m tests.panel.test_screens` and read the change"


def test_every_state_has_a_screen() -> None:
    assert len({frame(replace(A, state=state)) for state in State}) == len(State)


def test_every_reason_of_the_guard_has_words_or_leaves_it_to_the_reason_of_the_current() -> None:
    assert set(HOLDS) == {hold.name for hold in Hold}
    assert all(len(text) <= 16 for text in HOLDS.values())


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
        assert lines[0].endswith("13.5A")


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
    ("text", "short"),
    [
        ("6.0 A: L1 at 25 A", "6.0A:L1 at 25A"),
        ("16.0 A: no sun 9:12", "16.0A:no sun 9:12"),
        ("safety check", "safety check"),
        ("sun: 12.4 A more", "sun: 12.4 A more"),
    ],
)
def test_a_long_reason_has_fewer_spaces_on_a_narrow_display(text: str, short: str) -> None:
    assert (narrow(text, 16), narrow(text, 20)) == (short, text)


@pytest.mark.parametrize("size", SIZES)
def test_the_line_from_the_mains_to_the_car_is_whole_with_the_largest_numbers(size: tuple[int, int]) -> None:
    status = replace(SCREENS["C: largest numbers"], now_s=0.0)
    seen = {line.rstrip() for lines in turns(status, *size) for line in lines}
    assert (
        f"{GRID}{LEFT}{HOUSE} -600A {RIGHT}{CAR} 55kW" in seen or f"{GRID}{LEFT}{HOUSE}-600A {RIGHT}{CAR} 55kW" in seen
    )
    assert f"{GRID}-200 -200 -200A" in seen


@pytest.mark.parametrize(("sum_da", "way"), [(4, RIGHT), (3, " "), (-3, " "), (-4, LEFT)])
def test_less_than_0_3_a_of_the_house_is_no_flow(sum_da: int, way: str) -> None:
    assert any(f"{GRID}{way}{HOUSE}" in line for line in frame(replace(SMART, mains_da=(sum_da, 0, 0))))


def test_everything_asked_for_is_on_the_screen_of_a_charge() -> None:
    status = replace(SCREENS["C: Solar, the sun is gone"], notes=("EV meter silent",))
    seen = "\n".join(line for lines in turns(status, 20, 4) for line in lines)
    for text in (
        "CHARGING", "8.3A", "no sun 9:12", "stops in 9:12", f"{GRID}4.0 3.0 2.0A", f"{HOUSE} 9.0A",
        f"{CAR}6.0 6.0 5.9A", f"{CAR} 4.1kW", "4.1kW 2.21kWh", "23C", "21:30", "time 1:23:45", "cable 16.0A",
        "Solar, 3 phases", "EV meter silent",
    ):  # fmt: skip
        assert text in seen


def test_a_master_shows_each_charger_and_its_own_charge_in_turns() -> None:
    frames = turns(SCREENS["C: Master with Nodes"], 20, 4)
    assert frames[0][:3] == (f"M{CAR}16.0A   1{CAR}6.0A    ", f"2{CAR}wait    3 free    ", "5 gone    7 ERR     ")
    assert any(lines[0].startswith("CHARGING") for lines in frames)
    assert all(len(cell) <= 8 for cell in unit_cells(UNITS))


@pytest.mark.parametrize(("da", "text"), [(0, "0.0"), (-99, "-9.9"), (100, "10"), (-125, "-12"), (9994, "999")])
def test_a_current_takes_four_characters_at_most(da: int, text: str) -> None:
    assert amps(da) == text


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
    mode=st.sampled_from(["NORMAL", "SMART", "SOLAR", "NEW"]),
    access=st.sampled_from(["on", "off", "pause", "new"]),
    access_by=st.sampled_from(["keys", "card", "switch", "new"]),
    mains_da=st.none() | st.tuples(*[st.integers(-(10**6), 10**6)] * 3),
    stop_in_s=st.none() | st.integers(-10, 10**6),
    phases=st.sampled_from([1, 3]),
    units=st.lists(
        st.builds(UnitLine, texts, st.sampled_from(["", *State.__members__, "?"]), st.integers(0, 800)), max_size=9
    ).map(tuple),
    announce=st.just(()) | st.lists(texts, max_size=4).map(tuple),
    menu=st.none()
    | st.builds(
        MenuView,
        texts,
        texts,
        st.booleans(),
        st.text(max_size=99),
        st.floats(0, 1e6),
        st.integers(1, 99),
        st.just(99),
        st.lists(texts, max_size=2).map(tuple),
    ),
)


@given(statuses, st.sampled_from([*SIZES, (40, 4)]))
def test_no_status_ever_draws_outside_the_display_or_what_it_has_no_character_for(
    status: PanelStatus, size: tuple[int, int]
) -> None:
    columns, rows = size
    lines = frame(status, columns, rows)
    assert [len(line) for line in lines] == [columns] * rows
    assert all(char in READABLE or (" " <= char <= "}" and char != "\\") for line in lines for char in line)


if __name__ == "__main__":
    TRANSCRIPT.write_text(transcript(), "utf-8")
