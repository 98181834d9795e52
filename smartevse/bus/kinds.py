"""Which file describes the meter that the owner chose in the menu, and the number that other units know it by."""

from __future__ import annotations

from collections.abc import Mapping

FILES: Mapping[str, str] = {
    "phoenix": "phoenix_eem350",
    "finder": "finder_7e",
    "finder_7m": "finder_7m",
    "eastron": "eastron_sdm630",
    "eastron_1p": "eastron_1p",
    "eastron_inv": "eastron_inverted",
    "abb": "abb_b23",
    "solaredge": "solaredge",
    "wago": "wago_879",
    "schneider": "schneider_iem3000",
    "chint": "chint_dtsu666",
    "chint_1p": "chint_ddsu666",
    "gavazzi": "gavazzi_em340",
    "sinotimer": "sinotimer_dts6619",
}
"""From the stored word of EV METER and MAINSMET to the file in `bus/meters/`, without its suffix."""

NUMBERS: Mapping[str, Mapping[str, int]] = {
    family: {
        "disabled": 0,
        "sensorbox": 1,
        "phoenix": 2,
        "finder": 3,
        "eastron": 4,
        "eastron_inv": 5,
        "abb": 6,
        "solaredge": 7,
        "wago": 8,
        "eastron_1p": 10,
        **newer,
    }
    for family, newer in {
        "official": {
            "finder_7m": 11,
            "sinotimer": 12,
            "schneider": 14,
            "chint": 15,
            "gavazzi": 16,
            "custom": 19,
        },
        "3.5": {
            "finder_7m": 11,
            "sinotimer": 12,
            "schneider": 14,
            "chint": 15,
            "gavazzi": 16,
            "chint_1p": 17,
            "custom": 19,
        },
        "older": {"custom": 16},
        "2.30": {"custom": 16},
    }.items()
}
"""By family of program: the number by which the units tell each other of a kind of meter. 9 is fed over the network."""


def word(number: int, family: str) -> str | None:
    """The stored word of a kind of meter from its number in this family; None when it has none that we know."""
    return next((kind for kind, other in NUMBERS[family].items() if other == number), None)


def number(kind: str, family: str) -> int:
    """The number of a kind of meter in this family; 0, as if there were none, where the family does not know it."""
    return NUMBERS[family].get(kind, 0)
