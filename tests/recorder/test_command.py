import gzip
import struct
import sys
import zlib
from pathlib import Path

import pytest

from smartevse import cli
from smartevse.core import record as layout
from smartevse.recorder.recording import read
from tests.recorder.recorded import garage_with_recorder

pytestmark = pytest.mark.usefixtures("state")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("STATE_DIRECTORY", str(folder))
    return folder


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "smartevse.toml"
    path.write_text(f'[guard]\nsocket = "{tmp_path}/run/guard.sock"\n')
    (tmp_path / "run").mkdir()
    return str(path)


def run(*words: str) -> int:
    return cli.main(["recorder", *words])


def test_list_shows_each_fault_and_keeps_its_recording(
    config: str, state: Path, shorted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run" / "recorder").mkdir()
    (tmp_path / "run" / "recorder" / shorted.name).write_bytes(shorted.read_bytes())
    assert run("--config", config, "list") == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["time", "fault", "state", "lasted", "recorded", "file"]
    assert "pilot-short" in line
    assert " C > E " in line
    assert " > 10.0 s " in line
    assert line.endswith(str(state / "recorder" / f"{shorted.name}.gz"))


def test_list_without_any_says_so(config: str, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--config", config, "list") == 0
    assert capsys.readouterr().out == f"no fault was recorded: nothing is in {state / 'recorder'}\n"


def test_list_shows_a_guard_that_ended_and_a_damaged_file(
    config: str, state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    garage, recorder = garage_with_recorder(tmp_path / "run" / "recorder")
    garage.charging()
    recorder.close(asked=False)
    (state / "recorder").mkdir(parents=True)
    (state / "recorder" / "20250101-000000-pins.rec.gz").write_bytes(gzip.compress(b"nothing"))
    assert run("--config", config, "list") == 0
    _, damaged, ended = capsys.readouterr().out.splitlines()
    assert "20250101-000000-pins.rec.gz is no recording of smartevse" in damaged
    assert ended.split()[2:4] == ["guard-ended", "C"]


def test_replay_says_identical_with_0_or_the_first_difference_with_1(
    shorted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = len(read(shorted).ticks)
    assert run("replay", str(shorted)) == 0
    assert capsys.readouterr().out == f"{count} ticks, identical\n"
    data = bytearray(shorted.read_bytes())
    size = layout.TICK_BYTES + 4
    at = layout.HEADER_BYTES + 400 * size
    struct.pack_into("<H", data, at + 16, struct.unpack_from("<H", data, at + 16)[0] ^ 1 << 10)  # the pilot's high half
    data[at + size - 4 : at + size] = zlib.crc32(data[at : at + size - 4]).to_bytes(4, "little")
    flipped = tmp_path / "flipped.rec"
    flipped.write_bytes(data)
    assert run("replay", str(flipped)) == 1
    assert capsys.readouterr().out.startswith("tick 400, 3.99 s after the beginning: ")


@pytest.mark.parametrize("word", ["replay", "plot"])
def test_a_file_of_no_use_is_told_in_one_sentence(
    word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = [str(tmp_path / "out.png")] if word == "plot" else []
    assert run(word, str(tmp_path / "no.rec"), *picture) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_bad_configuration_is_told_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--config", str(tmp_path / "no.toml"), "list") == 78
    assert capsys.readouterr().err.count("\n") == 1


def test_without_matplotlib_it_says_what_to_install(
    shorted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "smartevse.recorder.plot", raising=False)
    assert run("plot", str(shorted), str(tmp_path / "out.png")) == 1
    assert "pip install smartevse[plot]" in capsys.readouterr().err
