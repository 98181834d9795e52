"""Which file describes the meter that the owner chose in the menu."""

from __future__ import annotations

from collections.abc import Mapping

FILES: Mapping[str, str] = {
    "eastron": "eastron_sdm630",
}
"""From the stored word of EV METER and MAINSMET to the file in `bus/meters/`, without its suffix."""
