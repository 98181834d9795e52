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
