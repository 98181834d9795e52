from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from smartevse.settings.command import main
from smartevse.settings.store import FILE_NAME, Store
from smartevse.settings.values import default_values

Run = Callable[..., int]
Out = pytest.CaptureFixture[str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The command with a configuration whose state directory is the test's."""
    config = tmp_path / "smartevse.toml"
    config.write_text('[hat]\nbackend = "pigpio"\n')
    environ = {"STATE_DIRECTORY": str(tmp_path / "state")}
    return lambda *arguments: main(["--config", str(config), *arguments], environ)


def test_a_value_that_is_set_is_got_and_seen_by_a_running_station(run: Run, tmp_path: Path, capsys: Out) -> None:
    station = Store(tmp_path / "state")
    assert run("set", "max", "16", "EV METER", "eastron") == 0
    assert capsys.readouterr().out == "MAX: 13 A -> 16 A\nEV METER: Disabled -> Eastron\n"
    assert station.poll() == default_values().changed({"max": 16, "ev_meter": "eastron"})
    station.close()
    assert run("get", "Max") == 0
    assert capsys.readouterr().out == "16 A\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("set", "MAX", "81"), "MAX cannot be set to '81': choose 6 A to 80 A\n"),
        (
            ("set", "MAX", "16", "EV METER", "No"),
            "EV METER cannot be set to 'No': choose Disabled, Phoenix C, Finder 7E, Eastron, ABB, SolarEdge, WAGO, "
            "Eastron 1P, InvEastrn, Finder 7M, Sinotimer, Schneider, Chint 3P, Chint 1P, C.Gavazzi or Custom\n",
        ),
        (
            ("get", "MAXX"),
            "there is no setting 'MAXX': choose MAX, or see all of them with smartevse settings list\n",
        ),
    ],
)
def test_what_is_refused_changes_nothing_and_says_why(
    run: Run, tmp_path: Path, capsys: Out, arguments: tuple[str, ...], sentence: str
) -> None:
    assert run(*arguments) == 1
    assert capsys.readouterr().err == sentence
    store = Store(tmp_path / "state")
    assert store.values == default_values()
    store.close()


def test_a_name_without_a_value_is_refused(run: Run, capsys: Out) -> None:
    assert run("set", "EV", "METER", "Eastron") == 1
    assert "quotes to a name of two words" in capsys.readouterr().err


def test_the_list_has_every_setting_with_value_range_and_help(run: Run, capsys: Out) -> None:
    assert run("list") == 0
    out = capsys.readouterr().out
    assert "MAX        13 A         6 A to 80 A\n" in out
    assert "EV ADR     12 (0Ch)     10 (0Ah) to 247 (F7h) (not in the menu now: without effect)" in out


def test_what_was_exported_can_be_imported(run: Run, tmp_path: Path, capsys: Out) -> None:
    file = tmp_path / "settings.toml"
    run("set", "MAX", "32", "EV METER", "Eastron", "EV ADR", "20", "CONFIG", "Fixed")
    assert run("export", str(file)) == 0
    run("set", "MAX", "6", "EV METER", "Disabled", "EV ADR", "10", "CONFIG", "Socket")
    capsys.readouterr()
    assert run("import", str(file)) == 0
    assert capsys.readouterr().out.count("->") == 4
    assert run("export") == 0
    assert capsys.readouterr().out == file.read_text()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("MAX = 81", "MAX cannot be set to '81'"),
        ("MAX = 16\nMAXX = 16", "there is no setting 'MAXX'"),
        ("MAX = [16]", "no plain value for 'MAX'"),
        ("MAX = true", "no plain value for 'MAX'"),
        ("MAX 16", "is not valid TOML"),
    ],
)
def test_a_file_with_one_mistake_imports_nothing(
    run: Run, tmp_path: Path, capsys: Out, text: str, sentence: str
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    assert run("import", str(file)) == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert str(file) in error
    assert "nothing was changed" in error
    run("get", "MAX")
    assert capsys.readouterr().out == "13 A\n"


def test_a_file_that_is_missing_or_cannot_be_written_is_named(run: Run, tmp_path: Path, capsys: Out) -> None:
    assert run("import", str(tmp_path / "none.toml")) == 1
    assert run("export", str(tmp_path / "none" / "settings.toml")) == 1
    assert capsys.readouterr().err.count(str(tmp_path)) == 2


@pytest.mark.parametrize("arguments", [("list",), ("get", "MAX"), ("export",)])
def test_reading_makes_no_files(run: Run, tmp_path: Path, capsys: Out, arguments: tuple[str, ...]) -> None:
    assert run(*arguments) == 0
    assert "13 A" in capsys.readouterr().out
    assert not (tmp_path / "state").exists()


def test_the_configuration_may_be_named_after_the_command_too(tmp_path: Path, capsys: Out) -> None:
    assert main(["get", "MAX", "--config", str(tmp_path / "none.toml")], {}) == 78
    assert "none.toml" in capsys.readouterr().err


def test_a_bad_configuration_is_status_78(tmp_path: Path, capsys: Out) -> None:
    assert main(["--config", str(tmp_path / "none.toml"), "list"], {}) == 78
    assert "none.toml" in capsys.readouterr().err


def test_a_damaged_file_is_said_on_standard_error(run: Run, tmp_path: Path, capsys: Out) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / FILE_NAME).write_bytes(b"garbage")
    assert run("get", "MAX") == 0
    output = capsys.readouterr()
    assert output.out == "13 A\n"
    assert "set aside" in output.err
