"""What chargers on one line share: each setting goes out and comes back as it was, and nothing contradicts ours."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartevse.bus import master as masters
from smartevse.bus import rtu, units
from smartevse.bus.node import Node, Wanted
from smartevse.settings.rows import TABLE
from smartevse.settings.table import Value
from smartevse.settings.values import default_values
from smartevse.station import shared

SETTINGS: dict[str, Value] = {
    "mode": "smart",
    "circuit": 63,
    "grid": "3wire",
    "mains": 50,
    "start": 7,
    "stop": 3,
    "import": 2,
    "mainsmet": "custom",
    "mainsadr": 21,
    "custom_order": "lbf_hwf",
    "custom_type": "float32",
    "custom_function": "3",
    "custom_current": 4711,
    "custom_current_div": 2,
}


@pytest.mark.parametrize(("peers", "name"), [("off", "official"), ("d35", "3.5"), ("srk", "older")])
def test_a_masters_settings_arrive_at_a_node_of_its_family(peers: str, name: str) -> None:
    master = default_values().changed({**SETTINGS, "peers": peers, "load_bal": "master"})
    family = shared.family(master)
    assert family == name
    frame = rtu.build_request(masters.settings_for_all(shared.system_values(master, family), family))
    node = Node(2, family)
    node.hear(rtu.parse_request(frame), 0.0)
    values = default_values().changed({"load_bal": "node2", "peers": peers})
    got = shared.changes(node.take(), values, family)
    sent = {key: value for key, value in SETTINGS.items() if value != values[key]}
    if name == "3.5":  # its list ends before all of the Custom meter is told
        assert got.items() <= sent.items()
        assert {"custom_order", "custom_current"} <= got.keys()
    else:
        assert got == sent
    assert node.told.foreign is None


def test_a_master_of_another_layout_gives_only_what_is_the_same_in_all() -> None:
    master = default_values().changed(SETTINGS)
    frame = rtu.build_request(masters.settings_for_all(shared.system_values(master, "older"), "older"))
    node = Node(2, "official")
    node.hear(rtu.parse_request(frame), 0.0)
    assert node.told.foreign == ("older",)
    assert not [name for name in node.take().system if name.startswith("custom")]


def test_a_setting_that_contradicts_what_is_fitted_here_is_left_out() -> None:
    values = default_values().changed({"load_bal": "node2", "min": 6, "max": 16})
    wanted = Wanted(config={"MIN": 12, "MAX": 10}, system={"CIRCUIT": 40})
    got = shared.changes(wanted, values, "official")
    assert TABLE.contradiction({**values.choices, **got}) is None
    assert got["circuit"] == 40


_NAMES = st.sampled_from([*units.CONFIG_NAMES, *units.FAMILIES["official"], *units.FAMILIES["3.5"]])


@settings(deadline=None, max_examples=300)
@given(
    st.dictionaries(_NAMES, st.integers(0, 0xFFFF), max_size=12),
    st.sampled_from(list(units.FAMILIES)),
    st.sampled_from(["disabled", "master", "node3"]),
)
def test_whatever_comes_what_is_kept_passes_the_tables_check(told: dict[str, int], family: str, role: str) -> None:
    values = default_values().changed({"load_bal": role})
    got = shared.changes(Wanted(system=told), values, family)
    TABLE.check({**values.choices, **got})


def test_a_node_tells_what_is_fitted_as_other_units_read_it() -> None:
    values = default_values().changed(
        {"config": "fixed", "load_bal": "node2", "min": 6, "max": 32, "ev_meter": "eastron", "ev_adr": 13}
    )
    assert shared.config_words(values, "official") == (1, 0, 6, 32, 3, 0, 0, 0, 4, 13)


@pytest.mark.parametrize(("family", "number", "name"), [("official", 15, "Chint"), ("older", 16, "Custom")])
def test_a_nodes_ev_meter_is_found_by_its_number(family: str, number: int, name: str) -> None:
    meter = shared.ev_meter_of(number, default_values(), family)
    assert meter is not None
    assert meter.name.startswith(name)
    assert shared.ev_meter_of(0, default_values(), family) is None
    assert shared.ev_meter_of(200, default_values(), family) is None
