"""The units are accepted by systemd, and keep what the two programs promise each other."""

import configparser
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from smartevse import config

FOLDER = Path(__file__).parents[2] / "systemd"
UNITS = ("smartevse-guard.service", "smartevse.service")
ANALYZE = shutil.which("systemd-analyze")


def section(unit: str, name: str) -> Mapping[str, str]:
    """One section of a unit; of keys that come several times the last one."""
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((FOLDER / unit).read_text("utf-8"))
    return parser[name]


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed (Debian: apt install systemd)")
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_accepts_the_unit(unit: str, tmp_path: Path) -> None:
    text = (FOLDER / unit).read_text("utf-8").replace("/opt/smartevse/bin/smartevse", sys.executable)
    for other in UNITS:
        (tmp_path / other).write_text(text if other == unit else (FOLDER / other).read_text("utf-8"), "utf-8")
    result = subprocess.run(
        [str(ANALYZE), "verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_a_bad_configuration_is_not_tried_again_and_again(unit: str) -> None:
    assert section(unit, "Service")["RestartPreventExitStatus"] == str(config.EXIT_CONFIG)
    assert section(unit, "Service")["Restart"] == "always"


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_watches_that_the_program_lives_and_never_gives_it_up(unit: str) -> None:
    assert section(unit, "Service")["Type"] == "notify"
    assert int(section(unit, "Service")["WatchdogSec"]) > 0
    assert section(unit, "Unit")["StartLimitIntervalSec"] == "0"


def test_only_the_guard_owns_the_directory_of_the_socket() -> None:
    directory = Path("/run") / section("smartevse-guard.service", "Service")["RuntimeDirectory"]
    assert config.Guard().socket.parent == directory
    assert "RuntimeDirectory" not in section("smartevse.service", "Service")


def test_the_station_may_keep_its_settings() -> None:
    directory = Path("/var/lib") / section("smartevse.service", "Service")["StateDirectory"]
    assert directory == config.DEFAULT_STATE_DIRECTORY


@pytest.mark.parametrize("unit", UNITS)
def test_both_programs_read_the_same_file_as_the_same_user(unit: str) -> None:
    service = section(unit, "Service")
    assert service["ExecStart"].endswith(f"--config {config.DEFAULT_PATH}")
    assert service["User"] == "smartevse"
