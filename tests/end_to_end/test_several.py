"""Complete stations share a circuit over the real line: Master and Nodes are the unchanged programs."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.several import Several, several

CIRCUIT_A = 20


def offered_a(all_: Several, unit: int) -> float:
    """What the pilot of a unit offers while its contactor is closed; 0 while it is open."""
    world = all_.world(unit)
    return float(world["pilot"]["duty_permille"]) * 0.06 if world["contactors"]["c1"] else 0.0


def test_master_and_node_share_the_circuit_and_a_node_stops_without_its_master(tmp_path: Path) -> None:
    with several(tmp_path, 2) as all_:
        all_.twin()
        for unit, role in enumerate(("Master", "Node 1")):
            made = all_.rigs[unit]
            made.settings("set", "LOAD BAL", role)
            made.settings("set", "EV METER", "Eastron")
            made.settings("set", "EV ADR", str(12 + unit))
        all_.rigs[0].settings("set", "CIRCUIT", str(CIRCUIT_A))
        all_.start()
        all_.until(lambda: "Node 1 is there" in all_.stations[0].text(), "the Master finds its Node")
        all_.until(lambda: "CIRCUIT is now 20 A" in all_.stations[1].text(), "the Node takes the Master's settings")
        all_.do(1, "ev plug")
        all_.do(1, "ev ready")
        all_.until(lambda: abs(offered_a(all_, 1) - 13) < 0.2, "the Node charges at its MAX")
        all_.do(0, "ev plug")
        all_.do(0, "ev ready")
        all_.until(lambda: all(abs(offered_a(all_, unit) - 10) < 0.2 for unit in (0, 1)), "both get half")
        all_.rigs[1].until(lambda: "kW" in " ".join(all_.rigs[0].lcd()), "the EV meter is read")
        assert all_.stations[0].stop() == 0
        all_.until(lambda: not all_.world(1)["contactors"]["c1"], "the Node stops without its Master")
        assert "Traceback" not in all_.stations[0].text() + all_.stations[1].text()


def test_a_master_that_restarts_shares_out_only_when_a_node_that_was_cut_off_has_let_go(tmp_path: Path) -> None:
    with several(tmp_path, 2) as all_:
        all_.twin()
        for unit, role in enumerate(("Master", "Node 1")):
            all_.rigs[unit].settings("set", "LOAD BAL", role)
        all_.rigs[0].settings("set", "CIRCUIT", str(CIRCUIT_A))
        all_.start()
        all_.do(1, "ev plug")
        all_.do(1, "ev ready")
        all_.until(lambda: abs(offered_a(all_, 1) - 13) < 0.2, "the Node charges at its MAX")
        all_.do(1, "bus cut")
        assert all_.stations[0].stop() == 0
        again = all_.rigs[0].station()
        all_.do(0, "ev plug")
        all_.do(0, "ev ready")
        all_.until(lambda: any("wait: chargers" in line for line in all_.rigs[0].lcd()), "the display says why")
        while all_.world(1)["contactors"]["c1"]:
            assert offered_a(all_, 0) == 0, "13 A for the Node and 13 A here are more than the circuit carries"
        all_.until(lambda: abs(offered_a(all_, 0) - 13) < 0.2, "then the circuit is the Master's")
        assert "Traceback" not in again.text()
