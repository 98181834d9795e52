"""The units are accepted by systemd, are shut tightly, and keep what the two programs promise each other."""

import shutil
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from smartevse import config
from smartevse.guard import realtime
from smartevse.guard.wire import PERMIT_TTL_MS
from smartevse.hal import backend

FOLDER = Path(__file__).parents[2] / "systemd"
GUARD, STATION, AGAIN = "smartevse-guard.service", "smartevse.service", "smartevse-again@.service"
DROP_IN = "pigpiod.service.d/smartevse.conf"
PROCESSES = (GUARD, STATION)
EXPOSURE_TENTHS = 20
"""The most that `systemd-analyze security` may find: 2.0 of 10."""

PIGPIOD = """\
[Unit]
Description=Daemon required to control GPIO pins via pigpio
[Service]
ExecStart=/usr/bin/pigpiod -l
ExecStop=/bin/systemctl kill pigpiod
Type=forking
[Install]
WantedBy=multi-user.target
"""
"""The unit that the drop-in is for: Raspberry Pi OS 12."""


def keys(unit: str, section: str) -> Mapping[str, str]:
    """One section of a unit; of keys that come several times the last one."""
    found: dict[str, str] = {}
    here = ""
    for line in (FOLDER / unit).read_text("utf-8").splitlines():
        if line.startswith("["):
            here = line.strip("[]")
        elif here == section and "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            found[key] = value
    return found


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.fail("systemd-analyze is missing, so nobody knows whether the units are right: sudo apt install systemd")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine's folders with our units as they are installed, and stand-ins for the programs that they start."""
    units = tmp_path / "usr/lib/systemd/system"
    shutil.copytree(FOLDER, units, ignore=shutil.ignore_patterns("*.sysusers", "*.tmpfiles", "*.catalog", "*.rules"))
    (units / "pigpiod.service").write_text(PIGPIOD, "utf-8")
    for name in (
        "bin/smartevse",
        "bin/pigpiod",
        "bin/sleep",
        "bin/sh",
        "bin/systemctl",
        "lib/smartevse/pigpiod-revive",
    ):
        program = tmp_path / "usr" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch()
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "bin").symlink_to("usr/bin")
    for target in ("basic.target", "sysinit.target", "shutdown.target", "multi-user.target", "-.mount"):
        text = "[Mount]\nWhere=/\nWhat=/dev/root\n" if target == "-.mount" else ""
        (units / target).write_text(f"[Unit]\nDescription={target}\nDefaultDependencies=no\n{text}", "utf-8")
    return tmp_path


@pytest.mark.parametrize("unit", [GUARD, STATION, "smartevse-again@smartevse.service.service", "pigpiod.service"])
def test_systemd_accepts_the_unit(unit: str, root: Path) -> None:
    result = analyze("verify", f"--root={root}", "--man=no", "--recursive-errors=no", unit)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("unit", [GUARD, STATION, AGAIN])
def test_a_program_that_was_taken_over_can_do_little_to_the_machine(unit: str) -> None:
    limit = f"--threshold={EXPOSURE_TENTHS}"
    result = analyze("security", "--offline=true", limit, "--no-pager", str(FOLDER / unit))
    assert result.returncode == 0, result.stdout.splitlines()[-1]


@pytest.mark.parametrize("unit", PROCESSES)
def test_the_way_through_the_kernel_leaves_the_unit_shut(unit: str, tmp_path: Path) -> None:
    both = tmp_path / unit
    both.write_text((FOLDER / unit).read_text("utf-8") + (FOLDER / f"{unit}.d/kernel.conf").read_text("utf-8"), "utf-8")
    result = analyze("security", "--offline=true", f"--threshold={EXPOSURE_TENTHS}", "--no-pager", str(both))
    assert result.returncode == 0, result.stdout.splitlines()[-1]


@pytest.mark.parametrize("unit", PROCESSES)
def test_the_groups_of_the_kernels_interfaces_exist_and_own_them(unit: str) -> None:
    groups = keys(f"{unit}.d/kernel.conf", "Service")["SupplementaryGroups"].split()
    users = (FOLDER / "smartevse.sysusers").read_text("utf-8")
    rules = (FOLDER / "smartevse.rules").read_text("utf-8")
    for group in groups:
        assert f"g {group} -" in users
        assert f'GROUP="{group}"' in rules


@pytest.mark.parametrize("unit", PROCESSES)
def test_a_bad_configuration_is_not_tried_again_and_again(unit: str) -> None:
    assert keys(unit, "Service")["RestartPreventExitStatus"] == str(config.EXIT_CONFIG)
    assert keys(unit, "Service")["Restart"] == "always"
    assert f"= {config.EXIT_CONFIG} && exit 0;" in keys(AGAIN, "Service")["ExecStart"]


@pytest.mark.parametrize("unit", [*PROCESSES, DROP_IN])
def test_what_fails_again_and_again_is_tried_after_a_pause_and_never_given_up(unit: str) -> None:
    assert int(keys(unit, "Unit")["StartLimitIntervalSec"]) > 0
    assert int(keys(unit, "Unit")["StartLimitBurst"]) > 0
    assert keys(unit, "Unit")["OnFailure"] == "smartevse-again@%n.service"
    assert "systemctl --no-block start %i" in keys(AGAIN, "Service")["ExecStart"]


@pytest.mark.parametrize("unit", PROCESSES)
def test_systemd_watches_that_the_program_lives(unit: str) -> None:
    assert keys(unit, "Service")["Type"] == "notify"
    assert int(keys(unit, "Service")["WatchdogSec"]) > 0


def test_the_station_comes_back_before_its_last_permit_expires() -> None:
    pause = keys(STATION, "Service")["RestartSec"]
    assert pause.endswith("ms")
    assert int(pause.removesuffix("ms")) <= PERMIT_TTL_MS // 5


def test_the_guard_starts_after_pigpiod_and_the_station_after_the_guard() -> None:
    assert "pigpiod.service" in keys(GUARD, "Unit")["After"].split()
    assert GUARD in keys(STATION, "Unit")["After"].split()
    assert set(keys(DROP_IN, "Unit")["Before"].split()) == set(PROCESSES)


@pytest.mark.parametrize("key", ["Requires", "BindsTo", "PartOf", "Requisite", "Upholds"])
@pytest.mark.parametrize("unit", PROCESSES)
def test_neither_process_takes_the_other_down(unit: str, key: str) -> None:
    assert key not in keys(unit, "Unit")


def test_the_guard_gets_its_priority_and_its_locked_memory_without_any_capability() -> None:
    service = keys(GUARD, "Service")
    assert int(service["LimitRTPRIO"]) >= realtime.PRIORITY
    assert service["CPUSchedulingPolicy"] == "fifo", "the start too comes before everything else"
    assert int(service["CPUSchedulingPriority"]) == realtime.PRIORITY
    assert service["LimitMEMLOCK"] == "infinity"
    assert service["CapabilityBoundingSet"] == ""
    assert "AmbientCapabilities" not in service


def test_pigpiod_comes_after_the_guard_and_listens_to_this_machine_only() -> None:
    service = keys(DROP_IN, "Service")
    assert int(service["CPUSchedulingPriority"]) < realtime.PRIORITY
    assert "-l" in service["ExecStart"].split()
    assert ("-g" in service["ExecStart"].split()) == (service["Type"] == "exec")


def test_only_the_guard_owns_the_directory_of_the_socket() -> None:
    directory = Path("/run") / keys(GUARD, "Service")["RuntimeDirectory"]
    assert config.Guard().socket.parent == directory
    assert "RuntimeDirectory" not in keys(STATION, "Service")


def test_the_station_may_ask_whether_the_clock_is_right_and_never_set_it() -> None:
    service = keys("smartevse.service", "Service")
    assert "ProtectClock" not in service, "it forbids adjtimex(2), and every timer would wait for ever"
    assert service["SystemCallFilter"] == "adjtimex clock_adjtime clock_adjtime64"
    assert service["CapabilityBoundingSet"] == ""


def test_the_station_may_keep_its_settings() -> None:
    directory = Path("/var/lib") / keys(STATION, "Service")["StateDirectory"]
    assert directory == config.DEFAULT_STATE_DIRECTORY
    assert f"d {directory} 0750 smartevse smartevse -" in (FOLDER / "smartevse.tmpfiles").read_text("utf-8")


@pytest.mark.parametrize("unit", PROCESSES)
def test_both_programs_read_the_same_file_as_the_same_user(unit: str) -> None:
    service = keys(unit, "Service")
    assert service["ExecStart"].endswith(f"--config {config.DEFAULT_PATH}")
    assert f"u {service['User']} " in (FOLDER / "smartevse.sysusers").read_text("utf-8")


def test_a_machine_without_memory_does_not_read_the_programs_from_the_card_again_and_again() -> None:
    path = "/sys/kernel/mm/lru_gen/min_ttl_ms"
    line = next(line for line in (FOLDER / "smartevse.tmpfiles").read_text("utf-8").splitlines() if path in line)
    kind, _, *unused, shortest_ms = line.split()
    assert kind == "w-", "a kernel without it, or one that forbids it, is no failure"
    assert unused == ["-"] * 4
    assert int(shortest_ms) >= PERMIT_TTL_MS


def test_devices_that_come_late_are_waited_for_within_the_time_that_systemd_gives_a_start() -> None:
    assert int(keys(GUARD, "Service")["TimeoutStartSec"]) > backend.LONGEST_S + 5
