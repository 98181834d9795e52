"""What the station imports, and when."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ("asyncio", "gpiozero", "http.server", "pigpio", "pymodbus", "RPLCD", "ssl")


def loaded(script: str) -> set[str]:
    """Which of the heavy ones are there after a script in a process of its own."""
    tell = f"; import sys, json; print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", script + tell], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_nothing_heavy_is_imported_before_the_guard_has_a_permit() -> None:
    assert loaded("import smartevse.station.daemon") == set()


def test_only_what_every_station_needs_is_imported_before_the_hat_is_looked_for() -> None:
    assert loaded("import smartevse.station.daemon, smartevse.station.station") == {"asyncio", "ssl"}


def test_openssl_stays_out_and_the_modbus_client_and_the_page_for_the_network_load_all_the_same() -> None:
    script = (
        "from smartevse.station.without_tls import keep_out; keep_out();"
        "import asyncio, smartevse.wifi.portal; from smartevse.bus.port import load_client; load_client();"
        "import sys; assert '_ssl' not in sys.modules and 'ssl' in sys.modules"
    )
    assert "pymodbus" in loaded(script)


def test_a_tls_that_somebody_uses_stays() -> None:
    script = "import ssl; from smartevse.station.without_tls import keep_out; keep_out(); ssl.create_default_context()"
    assert loaded(script) == {"ssl"}
