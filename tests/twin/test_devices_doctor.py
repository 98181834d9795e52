"""The doctor on the simulated line: finds who is there, listens without disturbing, and says what it cannot do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import serial

from smartevse import cli
from tests.twin.running import running

Out = pytest.CaptureFixture[str]


def test_scan_finds_units_types_and_addresses_and_watch_sees_only_reads(tmp_path: Path, capsys: Out) -> None:
    with running(tmp_path, units=2) as twin:
        twin.tell("house 5 6 7")
        twin.tell("bus meter 14 abb")
        twin.tell("bus meter 15 gavazzi mains")
        watch = subprocess.Popen(
            [sys.executable, "-m", "smartevse", "bus", "watch", "--seconds", "6", twin.bus(1)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert watch.stdout is not None
        assert watch.stdout.readline().startswith("listening")
        assert cli.main(["bus", "scan", "--addresses", "9-15", twin.bus(0)]) == 0
        lines = capsys.readouterr().out.splitlines()
        seen, _ = watch.communicate(timeout=30)
    assert lines == [
        "  10 (0Ah)  device 10 (Sensorbox): version 1, P1 (DSMR 5.0) 5.00 A 6.00 A 7.00 A, 4 wires",
        "  12 (0Ch)  device 12: a meter like Eastron or InvEastrn",
        "  13 (0Dh)  device 13: a meter like Eastron or InvEastrn",
        "  14 (0Eh)  device 14: a meter like ABB",
        "  15 (0Fh)  device 15: a meter like Phoenix C or C.Gavazzi",
    ]
    assert "device 10 (Sensorbox): version 1, P1 (DSMR 5.0) 5.00 A" in seen
    assert "told" not in seen


def test_a_further_end_of_the_line_is_there_to_watch_at(tmp_path: Path) -> None:
    ask = bytes.fromhex("0a 04 00 00 00 14 f1 7e")
    with running(tmp_path, 1, "--watch") as twin, serial.Serial(str(tmp_path / "line/watch"), 9600, timeout=5) as watch:
        with serial.Serial(twin.bus(), 9600, timeout=5) as line:
            line.write(ask)
            answer = line.read(45)
        assert watch.read(len(ask) + 45) == ask + answer


def test_an_empty_line_is_said_and_is_an_error(tmp_path: Path, capsys: Out) -> None:
    with running(tmp_path) as twin:
        assert cli.main(["bus", "scan", "--addresses", "20", twin.bus()]) == 1
    assert "nobody answers" in capsys.readouterr().out


def test_a_line_in_use_is_left_alone(tmp_path: Path, capsys: Out) -> None:
    with running(tmp_path) as twin, serial.Serial(twin.bus(), 9600, exclusive=True):
        assert cli.main(["bus", "scan", twin.bus()]) == 1
    assert "cannot be opened" in capsys.readouterr().err


def test_decode_tells_recorded_frames_and_what_is_none(tmp_path: Path, capsys: Out) -> None:
    file = tmp_path / "frames"
    file.write_text(
        "request | 03 04 01 08 00 02 f0 17 / 03 04 04 00 04 00 0d 58 40\n\nnonsense\n03 04 04 00 04 00 0d 58 41\n"
    )
    assert cli.main(["bus", "decode", str(file)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "line 1: Node 2 is asked for the type and address of its EV meter",
        "line 1: Node 2: EVMETER 4, EVADR 13",
        "line 3: no frame in hex, such as 03 04 00 00 00 08 f0 2e",
        "line 4: 9 bytes that are no frame",
    ]
    assert cli.main(["bus", "decode", str(tmp_path / "absent")]) == 1
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0-5", "5-4", "1-248", "x"])
def test_addresses_that_cannot_be_are_refused(text: str, capsys: Out) -> None:
    with pytest.raises(SystemExit):
        cli.main(["bus", "scan", "--addresses", text, "/dev/null"])
    assert "numbers from 1 to 247" in capsys.readouterr().err
