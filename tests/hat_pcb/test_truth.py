"""The board's net list and the map that software uses are one truth, and a difference between them is found."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import truth
from partvalue import number


def hat_map() -> dict[str, Any]:
    with truth.HAT_MAP.open("rb") as file:
        return tomllib.load(file)


def changed(path: Path, old: str, new: str) -> truth.Board:
    text = truth.NETLIST.read_text("utf-8")
    assert text.count(old) == 1, f"{old} stands {text.count(old)} times in the net list"
    path.write_text(text.replace(old, new), "utf-8")
    return truth.load(path)


def test_the_board_and_the_map_of_the_hat_agree() -> None:
    assert truth.differences(truth.load(), hat_map()) == []


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('<comp ref="R609"><value>25.5k', '<comp ref="R609"><value>27k', "window.high_v"),
        ('<comp ref="R401"><value>475k', '<comp ref="R401"><value>470k', "scale.cp_gain"),
        ('<comp ref="R604"><value>154k', '<comp ref="R604"><value>300k', "one_shot.hold_s"),
        ('<comp ref="C603"><value>470n', '<comp ref="C603"><value>100n', "window.high_delay_s"),
        ('<comp ref="R504"><value>18k', '<comp ref="R504"><value>22k', "scale.rail_divider"),
        ('<comp ref="R302"><value>4.99k', '<comp ref="R302"><value>4.7k', "pilot.low_v"),
        ('<comp ref="R301"><value>10k', '<comp ref="R301"><value>1M', "cp_pwmn is pulled down"),
        ('<node ref="U401" pin="7"/>', "", "cp_high is channel 0"),
        ('<node ref="Q701" pin="3"/>', "", "the RCM latch's transistor pulls SAFE"),
        ('<node ref="U802" pin="2"/>', "", "SAFE gates K2"),
    ],
)
def test_a_changed_part_or_wire_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    if new == "":  # the pin is moved to a net of its own
        new, net = "", f'<net name="loose">{old}</net></nets>'
        text = truth.NETLIST.read_text("utf-8")
        (tmp_path / "n.xml").write_text(text.replace(old, "", 1).replace("</nets>", net), "utf-8")
        board = truth.load(tmp_path / "n.xml")
    else:
        board = changed(tmp_path / "n.xml", old, new)
    assert any(named in sentence for sentence in truth.differences(board, hat_map()))


@pytest.mark.parametrize("name", list(truth.ENDS))
def test_a_pin_moved_in_the_map_is_named(name: str) -> None:
    hat = hat_map()
    hat["pins"][name] = 15  # the only free one
    assert any(name in sentence for sentence in truth.differences(truth.load(), hat))


def test_k3_stands_in_series_with_both_contactors() -> None:
    board = truth.load()
    assert board.net["K803", "3"] == board.net["K801", "2"] == board.net["K802", "2"]
    assert board.net["K803", "2"] == board.net["F801", "1"]
    assert board.net["J801", "1"] not in (board.net["K801", "3"], board.net["K802", "3"])


def test_the_protective_conductor_is_not_on_the_mains_terminal() -> None:
    board = truth.load()
    assert "GND" not in {board.net["J801", str(pole)] for pole in (1, 2, 3, 4)}
    assert board.net["J1001", "14"] == "GND"


def test_only_open_drain_parts_and_the_pull_up_drive_safe() -> None:
    allowed = {
        ("U602", "7"),
        ("U602", "8"),
        ("U602", "14"),
        ("U603", "2"),
        ("Q701", "3"),
        ("Q702", "3"),
        ("D602", "2"),
        ("R620", "2"),
    }
    loads = {"R610", "R616", "R619", "R621", "R832", "U801", "U802", "TP602"}
    board = truth.load()
    assert {pin for pin in board.pins["SAFE"] if pin[0] not in loads} == allowed
    assert all(board.ohm(ref) >= 1000 for ref in ("R620", "R621"))


@pytest.mark.parametrize(
    ("text", "value"),
    [("4.99k 0.1%", 4990.0), ("100R", 100.0), ("1.5M", 1.5e6), ("47n C0G", 47e-9), ("2200u 16V", 2.2e-3)],
)
def test_a_printed_value_is_read_as_a_number(text: str, value: float) -> None:
    assert number(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "LTV-817M", "k47", "10 k"])
def test_what_is_no_value_is_refused(text: str) -> None:
    if text == "10 k":
        assert number(text) == 10.0  # a space ends the value
    else:
        with pytest.raises(ValueError, match="not a part's value"):
            number(text)
