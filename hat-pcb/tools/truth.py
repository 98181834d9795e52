#!/usr/bin/env python3
"""Holds the board's net list against `smartevse/hal/hat_rev1.toml`: pins, channels, scales, thresholds, times.

`truth.py [NETLIST.xml] [MAP.toml]` prints every difference and exits with 1 if there is one. Everything is computed
from the wiring and the part values; nothing about the hat is written down here a second time but the roles of parts.
"""

from __future__ import annotations

import math
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from partvalue import number

HERE = Path(__file__).resolve().parent.parent
NETLIST = HERE / "fab" / "netlist.xml"
HAT_MAP = HERE.parent / "smartevse" / "hal" / "hat_rev1.toml"
Pin = tuple[str, str]

HEADER = "J101"
BCM_TO_PIN = {
    2: 3,
    3: 5,
    4: 7,
    14: 8,
    15: 10,
    17: 11,
    18: 12,
    27: 13,
    22: 15,
    23: 16,
    24: 18,
    10: 19,
    9: 21,
    25: 22,
    11: 23,
    8: 24,
    7: 26,
    5: 29,
    6: 31,
    12: 32,
    13: 33,
    19: 35,
    16: 36,
    26: 37,
    20: 38,
    21: 40,
}
ENDS: Mapping[str, Pin] = {
    "cp_pwmn": ("U301", "1"),
    "c1_cmd": ("U801", "1"),
    "c2_cmd": ("U802", "1"),
    "heartbeat": ("C601", "1"),
    "wd_ok": ("U601", "6"),
    "safe": ("Q803", "1"),
    "c1_fb": ("U841", "4"),
    "aux_fb": ("R1005", "1"),
    "rcm_trip": ("U702", "5"),
    "rcm_test": ("Q703", "1"),
    "lock_r": ("Q901", "1"),
    "lock_w": ("Q902", "1"),
    "sw": ("J1001", "5"),
    "key_left": ("J1003", "5"),
    "key_select": ("J1003", "6"),
    "key_right": ("J1003", "7"),
    "led_red": ("Q1001", "1"),
    "led_green": ("Q1002", "1"),
    "led_blue": ("Q1003", "1"),
}
"""The part that each of the Pi's lines must reach, directly or through series resistors of at most 1 kOhm."""
CHANNELS: Mapping[str, Pin] = {
    "cp_high": ("U401", "7"),
    "cp_low": ("U401", "8"),
    "pp": ("J1001", "12"),
    "temperature": ("U502", "2"),
    "lock_b": ("J1001", "9"),
    "rail_12v": ("D201", "1"),
    "cp_raw": ("U401", "1"),
    "ntc": ("J501", "1"),
}
"""The source that each channel of the converter must reach through series resistors of at most 100 kOhm."""
CHAINS: Mapping[str, tuple[Pin, Pin]] = {
    "terminal R is relay K901": (("K901", "11"), ("J1001", "10")),
    "terminal W is relay K902": (("K902", "11"), ("J1001", "11")),
    "lock relay R is driven by Q901": (("Q901", "3"), ("K901", "A2")),
    "lock relay W is driven by Q902": (("Q902", "3"), ("K902", "A2")),
    "K3 feeds K1": (("K803", "3"), ("K801", "2")),
    "K3 feeds K2": (("K803", "3"), ("K802", "2")),
    "K1 drives terminal C1": (("K801", "3"), ("J801", "3")),
    "K2 drives terminal C2": (("K802", "3"), ("J801", "4")),
    "the fuse feeds K3": (("F801", "1"), ("K803", "2")),
    "L enters at the fuse": (("J801", "1"), ("F801", "2")),
    "SAFE gates K1": (("Q803", "1"), ("U801", "2")),
    "SAFE gates K2": (("Q803", "1"), ("U802", "2")),
    "K1's gate drives Q801": (("U801", "4"), ("Q801", "1")),
    "K2's gate drives Q802": (("U802", "4"), ("Q802", "1")),
    "WD_OK gates the pilot": (("U601", "6"), ("U301", "2")),
    "WD_OK clears the RCM latch": (("U601", "6"), ("U702", "6")),
    "the window's delayed comparator pulls SAFE": (("U602", "7"), ("Q803", "1")),
    "the window's low comparator pulls SAFE": (("U602", "8"), ("Q803", "1")),
    "the over-temperature comparator pulls SAFE": (("U602", "14"), ("Q803", "1")),
    "the supervisor pulls SAFE": (("U603", "2"), ("Q803", "1")),
    "the RCM latch's transistor pulls SAFE": (("Q701", "3"), ("Q803", "1")),
    "the RCM input's transistor pulls SAFE": (("Q702", "3"), ("Q803", "1")),
    "the pilot reaches terminal CP": (("R306", "2"), ("J1001", "13")),
}
"""Wires of the safety chain and of the terminals that must exist."""


@dataclass(frozen=True, slots=True)
class Board:
    """The net list: which net each pin is on, the pins of each net, the value of each part."""

    net: Mapping[Pin, str]
    pins: Mapping[str, frozenset[Pin]]
    value: Mapping[str, str]

    def ohm(self, ref: str) -> float:
        """A resistor's value."""
        return number(self.value[ref])

    def reach(self, start: Pin, most_ohm: float) -> frozenset[Pin]:
        """Every pin connected to a pin by wires and by resistors of at most so many ohm; the planes are not crossed."""
        seen, todo, found = {self.net[start]}, [self.net[start]], set()
        while todo:
            for ref, pin in self.pins[todo.pop()]:
                found.add((ref, pin))
                if ref[0] == "R" and ref[1].isdigit() and self.ohm(ref) <= most_ohm:
                    other = self.net[ref, "2" if pin == "1" else "1"]
                    if other not in seen and other not in ("GND", "+3V3", "+5V", "VREF25", "VREF5"):
                        seen.add(other)
                        todo.append(other)
        return frozenset(found)

    def to_rail(self, start: Pin, rail: str, most_ohm: float) -> list[float]:
        """The resistors between a line (and what it reaches) and a rail, in ohm."""
        return [
            self.ohm(ref)
            for ref, pin in self.reach(start, most_ohm)
            if ref[0] == "R" and ref[1].isdigit() and self.net[ref, "2" if pin == "1" else "1"] == rail
        ]


def load(path: Path = NETLIST) -> Board:
    """Reads KiCad's XML net list."""
    root = ET.parse(path).getroot()
    net, pins = {}, {}
    for element in root.iter("net"):
        name = element.get("name") or ""
        members = frozenset((n.get("ref") or "", n.get("pin") or "") for n in element.iter("node"))
        pins[name] = members
        net.update(dict.fromkeys(members, name))
    return Board(net, pins, {c.get("ref") or "": c.findtext("value") or "" for c in root.iter("comp")})


def computed(b: Board) -> dict[str, float]:
    """Scales, thresholds and times from the part values; names as `section.key` in the map."""
    r = b.ohm

    def c(ref: str) -> float:
        return number(b.value[ref])

    low = 1 / (1 / r("R402") + 1 / r("R403"))
    gain = low / (r("R401") + low)
    offset = 2.5 / r("R403") / (1 / r("R401") + 1 / r("R402") + 1 / r("R403"))

    def pilot(v: float) -> float:
        return (v - offset) / gain

    positive = 5.0 * r("R305") / (r("R304") + r("R305")) * (1 + r("R303") / r("R302"))
    threshold_low = 2.5 * r("R614") / (r("R613") + r("R614"))
    share = r("R615") / (r("R615") + r("R616"))
    node = 1 / r("R608") + 1 / r("R609") + 1 / r("R610")
    threshold_high = (2.5 / r("R608") + 3.3 / r("R610")) / node
    hot = (2.5 / r("R617") + 3.3 / r("R619")) / (1 / r("R617") + 1 / r("R618") + 1 / r("R619"))
    stale_low = 1 / (1 / r("R407") + 1 / r("R408"))
    return {
        "scale.cp_gain": gain,
        "scale.cp_offset_v": offset,
        "scale.pp_pullup_ohm": r("R501"),
        "scale.rail_divider": (r("R503") + r("R504")) / r("R504"),
        "scale.ntc_series_ohm": r("R506"),
        "pilot.high_v": positive,
        "pilot.low_v": positive - 5.0 * r("R303") / r("R302"),
        "pilot.source_ohm": r("R306"),
        "pilot.track_delay_us": r("R409") * c("C403") * 1e6 * (math.log(3.3 / 1.5) + math.log(3.3 / 1.15)) / 2,
        "pilot.track_tau_us": r("R404") * c("C401") * 1e6,
        "pilot.stale_low_decay_s": stale_low * c("C402"),
        "pilot.stale_high_drift_v_per_s": (2.5 - (offset + 6.75 * gain)) / r("R406") / c("C401") / gain,
        "one_shot.hold_s": 32768 * r("R604") / 50e3 * 1e-6,
        "window.high_v": pilot(threshold_high),
        "window.high_delay_s": r("R612") * c("C603") * math.log(2.5 / (2.5 - threshold_low)),
        "window.low_v": pilot((threshold_low - 3.3 * share) / (1 - share)),
        "thermal.board_cutoff_c": (hot - 0.5) / 0.010,
    }


CLOSE: Mapping[str, float] = {
    "scale.cp_gain": 0.001,
    "scale.cp_offset_v": 0.001,
    "scale.rail_divider": 0.001,
    "pilot.high_v": 0.005,
    "pilot.low_v": 0.005,
    "pilot.track_tau_us": 0.01,
    "pilot.track_delay_us": 0.25,
    "pilot.stale_low_decay_s": 0.15,
    "one_shot.hold_s": 0.02,
    "window.high_v": 0.01,
    "window.high_delay_s": 0.05,
    "window.low_v": 0.03,
    "thermal.board_cutoff_c": 0.02,
    "pilot.stale_high_drift_v_per_s": 0.25,
}
"""How near a number must be, relative; exact where not named."""


def differences(b: Board, hat: Mapping[str, Any]) -> list[str]:
    """Whole sentences, one for each thing in which the board and the map differ."""
    wrong = []
    for name, bcm in hat["pins"].items():
        pin: Pin = (HEADER, str(BCM_TO_PIN[bcm]))
        if name not in ENDS:
            wrong.append(f"the map has a pin {name} that no part of the board is known for")
        elif ENDS[name] not in b.reach(pin, 1000):
            wrong.append(f"{name} is BCM {bcm} in the map, but header pin {pin[1]} does not reach {ENDS[name][0]} pin {ENDS[name][1]}")
    for name, way in hat["boot_pulls"].items():
        pin = (HEADER, str(BCM_TO_PIN[hat["pins"][name]]))
        rail = {"down": "GND", "up": "+3V3"}.get(way)
        if rail and 10_000 not in b.to_rail(pin, rail, 1000):
            wrong.append(f"{name} is pulled {way} in the map, but no 10 kOhm to {rail} is on its line")
    for name, channel in hat["adc"]["channels"].items():
        if CHANNELS[name] not in b.reach(("U501", str(channel + 1)), 100_000):
            wrong.append(f"{name} is channel {channel} in the map, but the converter's pin {channel + 1} does not reach {CHANNELS[name][0]}")
    for header_pin, chip_pin in ((24, "10"), (19, "11"), (21, "12"), (23, "13")):
        if b.net[HEADER, str(header_pin)] != b.net["U501", chip_pin]:
            wrong.append(f"header pin {header_pin} is not wired to pin {chip_pin} of the converter")
    for sentence, (first, second) in CHAINS.items():
        if second not in b.reach(first, 1000):
            wrong.append(f"it is not true that {sentence}: {first[0]} pin {first[1]} does not reach {second[0]} pin {second[1]}")
    if hat["adc"]["reference_mv"] != 2500 or b.value.get("U503") != "LM4040C-2.5":
        wrong.append("the converter's reference is not 2.5 V in both the map and the board")
    for key, value in computed(b).items():
        section, name = key.split(".")
        stated = hat[section][name]
        if not math.isclose(value, stated, rel_tol=CLOSE.get(key, 1e-6)):
            wrong.append(f"{key} is {stated:g} in the map, but the parts give {value:.5g}")
    return wrong


def main() -> int:
    """Command line."""
    board = load(Path(sys.argv[1]) if len(sys.argv) > 1 else NETLIST)
    with (Path(sys.argv[2]) if len(sys.argv) > 2 else HAT_MAP).open("rb") as file:
        hat = tomllib.load(file)
    wrong = differences(board, hat)
    print("\n".join(wrong) if wrong else "the board and the map of the hat agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
