from pathlib import Path

import pytest

from tests.scenario.telling import told

CHARGES = "[[at]]\nt = 1\ndo = ['ev plug', 'ev ready']\n"


@pytest.mark.parametrize(
    ("expectation", "held", "detail"),
    [
        ("[[expect]]\nt = 10\nstate = 'C'", True, ""),
        ("[[expect]]\nt = 10\nstate = 'B'", False, "at 10 s: state C"),
        ("[[expect]]\nfrom = 5\nto = 9\ncontactor = true", True, ""),
        ("[[expect]]\nfrom = 0\nto = 9\ncontactor = false", False, "at 2.37 s: contactor yes"),
        ("[[expect]]\nby = 9\nstate = 'C'", True, ""),
        ("[[expect]]\nby = 2\nstate = 'C'", False, "it never was"),
        ("[[never]]\nstate = 'C'\ncontactor = false", False, "at 2.33 s: it was"),
        ("[[never]]\nstate = 'C'\ncontactor = false\nlonger_than_s = 0.1", True, ""),
        ("[[never]]\nstate = 'F'", True, ""),
        ("[[never]]\nstate = 'C'\nfrom = 1\nto = 2", True, ""),
    ],
)
def test_an_expectation_holds_or_says_when_it_did_not(
    tmp_path: Path, expectation: str, held: bool, detail: str
) -> None:
    run = told(tmp_path, "duration = 12\n" + CHARGES + expectation)
    assert [(outcome.held, outcome.detail) for outcome in run.outcomes] == [(held, detail)]


def test_with_several_units_the_first_that_breaks_it_is_named(tmp_path: Path) -> None:
    run = told(
        tmp_path,
        "[given]\nunits = 2\n[given.settings]\nCIRCUIT = 40\n[[at]]\nt = 1\nunit = 1\ndo = ['ev plug', 'ev ready']\n"
        "[[expect]]\nt = 10\nstate = 'C'\n[[expect]]\nt = 10\nunit = 1\nstate = 'C'\n",
    )
    assert [outcome.held for outcome in run.outcomes] == [False, True]
    assert run.outcomes[0].detail == "unit 2, at 10 s: state A"


def test_a_setting_changed_while_charging_is_on_the_pilot_within_a_beat(tmp_path: Path) -> None:
    run = told(
        tmp_path,
        CHARGES + "[[at]]\nt = 10.03\ndo = 'set MAX 8'\n[[expect]]\nt = 10.02\noffer_a = 13\n"
        "[[expect]]\nfrom = 10.11\nto = 12\noffer_a = 8\n",
    )
    assert run.held, run.outcomes


def test_a_silent_mains_meter_stops_a_smart_charge_after_ten_seconds(tmp_path: Path) -> None:
    run = told(
        tmp_path,
        "[given.settings]\nMODE = 'Smart'\n[given.mains]\n" + CHARGES + "[[at]]\nt = 60.5\ndo = 'meter silent'\n"
        "[[expect]]\nfrom = 20\nto = 69.9\nstate = 'C'\n"
        "[[expect]]\nfrom = 74\nto = 80\nstate = 'B1'\nreason = 'no signal from the mains meter'\n",
    )
    assert run.held, run.outcomes


def test_a_key_held_for_the_menu_resets_no_fault(tmp_path: Path) -> None:
    run = told(
        tmp_path,
        "[[at]]\nt = 1\ndo = 'weld c1'\n[[at]]\nt = 5\ndo = 'weld c1 off'\n"
        "[[at]]\nt = 6\ndo = 'press o 3'\n[[at]]\nt = 15\ndo = 'press >'\n"
        "[[expect]]\nfrom = 4\nto = 15\nfault = 'welded'\n[[expect]]\nt = 18\nfault = 'none'\n",
    )
    assert run.held, run.outcomes


def test_the_battery_of_the_house_takes_what_the_sun_leaves(tmp_path: Path) -> None:
    run = told(
        tmp_path,
        "duration = 600\n[given.settings]\nMODE = 'Smart'\n[given.sun]\npeak_w = 3000\n[given.mains]\n"
        "[given.battery]\nsize_wh = 1000\nstored_wh = 0\n"
        "[[expect]]\nt = 60\nmains_sum_a = [-6, 1]\n[[expect]]\nt = 590\nbattery_percent = [40, 60]\n",
    )
    assert run.held, run.outcomes
