"""The command line `pigs` of the Debian package pigpio-tools, unchanged, against the twin."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.twin.running import Twin, until


def pigs(twin: Twin, *words: str) -> str:
    program = shutil.which("pigs")
    if program is None:
        pytest.fail("the program pigs is not installed; install the Debian package pigpio-tools")
    environ = {**os.environ, "PIGPIO_ADDR": "127.0.0.1", "PIGPIO_PORT": str(twin.port)}
    done = subprocess.run([program, *words], env=environ, capture_output=True, text=True, timeout=20, check=False)
    printed = done.stdout.strip()
    assert done.stderr.startswith("ERROR") == printed.startswith("-"), done.stderr
    return printed


@pytest.mark.parametrize(
    "session",
    [
        [
            ("pigpv", "79"),
            ("hwver", "12595476"),
            ("r 26", "0"),
            ("m 23 w", ""),
            ("mg 23", "1"),
            ("w 23 1", ""),
            ("r 23", "1"),
            ("pud 4 u", ""),
            ("r 99", "-3"),
            ("w 0 1", "-41"),
        ],
        [
            ("hp 18 1000 500000", ""),
            ("gdc 18", "500000"),
            ("prg 18", "1000000"),
            ("hp 17 1000 1", "-95"),
            ("prs 12 1000", "250"),
            ("p 12 500", ""),
            ("gdc 12", "500"),
            ("s 13 1500", ""),
            ("gpw 13", "1500"),
        ],
        [
            ("i2co 1 0x27 0", "0"),
            ("i2cwd 0 0 8", ""),
            ("i2cws 0 8", ""),
            ("i2crs 0", "8"),
            ("i2crd 0 2", "2 8 8"),
            ("i2cz 0 4 0x27 7 1 8 6 2 0", "2 8 8"),
            ("i2cc 0", ""),
            ("i2crs 0", "-25"),
        ],
        [
            ("fault", "temp-40"),
            ("spio 0 400000 0", "0"),
            ("spiw 0 1 2 3", ""),
            ("spir 0 3", "3 0 0 0"),
            ("spic 0", ""),
            ("trig 25 100 1", ""),
            ("no", "0"),
            ("nb 0 16", ""),
            ("np 0", ""),
            ("nc 0", ""),
            ("wdog 5 100", ""),
            ("fg 5 1000", ""),
            ("evt 3", ""),
            ("mils 5", ""),
            ("wvclr", ""),
            ("wvcre", "-69"),
        ],
    ],
    ids=["pins", "pwm", "i2c", "rest"],
)
def test_a_session_prints_what_it_prints_on_a_pi(twin: Twin, session: list[tuple[str, str]]) -> None:
    for line, expected in session:
        if line == "fault":
            twin.tell(f"fault {expected}")
        else:
            assert pigs(twin, *line.split()) == expected, line


def test_the_converter_is_read_from_the_command_line(twin: Twin) -> None:
    twin.tell("temp 40")
    pigs(twin, "spio", "0", "400000", "0")
    count, _, high, low = map(int, pigs(twin, "spix", "0", "6", "192", "0").split())
    assert count == 3
    assert (high << 8 | low) * 2.5 / 4096 == pytest.approx(0.9, abs=0.01)


def test_time_goes_on(twin: Twin) -> None:
    first = int(pigs(twin, "t"))
    until(lambda: int(pigs(twin, "t")) != first)
