"""Display, keys and switch of a running station: what a person sees and does, whatever comes in between."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from smartevse.settings.rows import TABLE
from smartevse.settings.values import default_values
from tests.end_to_end.harness import Rig, rig

REPAIRED_S = 10.0


@pytest.fixture(name="rig")
def _rig(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path) as made:
        yield made


def charging(rig: Rig) -> None:
    """Plug a car in that wants to charge, and wait until it does."""
    rig.do("ev plug")
    rig.do("ev ready")
    rig.until(lambda: rig.world()["contactors"]["c1"], "the contactor is closed")


def shows(rig: Rig, *words: str) -> None:
    rig.until(lambda: all(word in " ".join(rig.lcd()) for word in words), f"the display shows {words}")


def offers(rig: Rig, *, current: bool) -> None:
    rig.until(lambda: rig.world()["contactors"]["c1"] == current, f"the contactor is {'closed' if current else 'open'}")


def test_the_menu_is_walked_by_keys_and_read_from_the_glass(rig: Rig) -> None:
    rig.all()
    rig.press("o", 2.2)
    seen = []
    for _ in range(40):
        rig.until(lambda: rig.lcd()[0].startswith("<"), "an item can be chosen")
        seen.append(rig.lcd()[0].strip("<> "))
        if seen[-1] == "EXIT":
            break
        rig.press(">")
        rig.until(lambda: rig.lcd()[0].strip("<> ") != seen[-1], "the next item is shown")
    assert seen == [*(row.name for row in TABLE.visible(default_values().choices)), "EXIT"]
    rig.press("o")
    shows(rig, "READY TO CHARGE")


def test_left_held_stops_a_charge_and_right_held_starts_it_again(rig: Rig) -> None:
    rig.all()
    charging(rig)
    rig.do("press < down")
    shows(rig, "Hold 2 sec", "to Stop")
    offers(rig, current=False)
    rig.do("press < up")
    shows(rig, "ACCESS DENIED")
    rig.until(lambda: not any(rig.world()["leds"].values()), "the LEDs are dark")
    rig.do("press > down")
    shows(rig, "Hold 2 sec", "to Start")
    offers(rig, current=True)
    rig.do("press > up")
    shows(rig, "CHARGING")


def test_a_push_at_sw_stops_a_charge_and_an_access_switch_gives_what_its_level_says(rig: Rig) -> None:
    rig.all()
    charging(rig)
    rig.do("press sw 0.3")
    offers(rig, current=False)
    shows(rig, "PAUSE")
    rig.settings("set", "SWITCH", "Access S")
    shows(rig, "ACCESS DENIED", "use the switch")
    rig.do("press sw down")
    offers(rig, current=True)
    rig.do("press sw up")
    offers(rig, current=False)


def test_a_display_that_is_pulled_out_disturbed_and_back_holds_up_no_charge(rig: Rig) -> None:
    *_, station = rig.all()
    charging(rig)
    shows(rig, "CHARGING")
    before = rig.lcd()
    rig.do("fault lcd-glitch")
    rig.until(lambda: rig.lcd()[0] == before[0], "the garbage is repaired", REPAIRED_S)
    glyphs = json.loads(rig.do("lcd"))["cgram"]
    rig.do("fault lcd-off on")
    rig.until(lambda: "does not answer" in station.text(), "the missing display is said")
    assert rig.world()["contactors"]["c1"]
    rig.do("fault lcd-off off")
    shows(rig, "CHARGING")
    rig.until(lambda: json.loads(rig.do("lcd"))["cgram"] == glyphs, "our own characters are drawn again")
    rig.until(lambda: "answers again" in station.text(), "that it is back is said")
    assert rig.world()["contactors"]["c1"]


def test_a_garbled_table_of_settings_and_a_key_that_is_down_from_the_start_are_survived(rig: Rig) -> None:
    rig.settings("set", "MAX", "16")
    (rig.state / "settings.db").write_bytes(b"no database" * 100)
    rig.twin()
    rig.do("press o down")
    rig.guard()
    station = rig.station()
    rig.until(lambda: "the station is ready" in station.text(), "the station is ready")
    assert "were damaged" in station.text()
    rig.do("press o up")
    rig.until(lambda: "READY" in rig.lcd()[0] or rig.lcd()[0].startswith("<"), "the display works")
    charging(rig)
