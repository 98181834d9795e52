"""What goes into the Debian package: everything that the program needs, pinned, and nothing that only a builder has."""

import os
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from smartevse import __version__, config

PROJECT = Path(__file__).parents[2]
PACKAGING = PROJECT / "packaging"
DEBIAN_NAMES = {"pyserial": "python3-serial"}
"""Dependencies that come from Debian, by their names there."""


def released(version: str) -> tuple[int, ...]:
    """The numbers in front of a version: 2.0.1.post3 is (2, 0, 1)."""
    return tuple(int(part) for part in re.match(r"[0-9.]*[0-9]", version).group().split("."))  # type: ignore[union-attr]


def dependencies() -> Mapping[str, str]:
    """The program's libraries, by name, with what pyproject.toml allows."""
    with (PROJECT / "pyproject.toml").open("rb") as file:
        lines = tomllib.load(file)["project"]["dependencies"]
    return dict(re.match(r"([A-Za-z0-9_-]+)(.*)", line).groups() for line in lines)  # type: ignore[union-attr,misc]


def pinned() -> Mapping[str, tuple[str, str]]:
    """The libraries of the package: version and hash by name."""
    rows = [line for line in (PACKAGING / "libraries.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    matches = [re.fullmatch(r"([A-Za-z0-9_-]+)==(\S+) --hash=sha256:([0-9a-f]{64})", row) for row in rows]
    assert None not in matches, "a line of libraries.txt is not NAME==VERSION --hash=sha256:HASH"
    return {match[1]: (match[2], match[3]) for match in matches if match is not None}


def field(name: str) -> str:
    """A field of the binary package's control file, in one line."""
    paragraph = (PACKAGING / "debian/control").read_text("utf-8").split("\n\n")[1]
    found = re.search(rf"^{name}:(.*(?:\n .*)*)", paragraph, re.MULTILINE)
    assert found is not None
    return " ".join(found[1].split())


def allows(specifiers: str, version: str) -> bool:
    ends = {">=": lambda left, right: left >= right, "<": lambda left, right: left < right}
    parts = [re.fullmatch(r"(>=|<)(.+)", part) for part in specifiers.split(",")]
    return all(part is not None and ends[part[1]](released(version), released(part[2])) for part in parts)


@pytest.mark.parametrize("name", dependencies())
def test_every_library_comes_from_debian_or_lies_in_the_package(name: str) -> None:
    if name in DEBIAN_NAMES:
        assert f"{DEBIAN_NAMES[name]} " in field("Depends")
    else:
        assert allows(dependencies()[name], pinned()[name][0])


def test_nothing_lies_in_the_package_that_the_program_does_not_name() -> None:
    assert set(pinned()) <= set(dependencies())


def test_one_package_is_for_every_machine() -> None:
    assert field("Architecture") == "all"
    assert "python3 (>= 3.11)" in field("Depends")


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("root")
    subprocess.run([sys.executable, str(PACKAGING / "stage.py"), str(folder)], check=True)
    return folder


def test_the_program_runs_from_the_staged_files_alone(staged: Path) -> None:
    launcher = (
        (staged / "usr/bin/smartevse")
        .read_text("utf-8")
        .replace("/usr/lib/smartevse", str(staged) + "/usr/lib/smartevse")
    )
    result = subprocess.run(
        [sys.executable, "-I", "-B", "-S", "-", "--version"],
        input=launcher,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (0, f"smartevse {__version__}\n")


def test_the_configuration_is_where_the_program_looks_and_holds(staged: Path) -> None:
    loaded = config.load(staged / str(config.DEFAULT_PATH).lstrip("/"), {})
    assert loaded.guard == config.Guard()


def test_units_user_folders_and_catalogue_are_where_systemd_looks(staged: Path) -> None:
    names = {str(path.relative_to(staged)) for path in staged.rglob("*") if path.is_file()}
    assert {
        "usr/lib/systemd/system/smartevse-guard.service",
        "usr/lib/systemd/system/smartevse.service",
        "usr/lib/systemd/system/smartevse-again@.service",
        "usr/lib/systemd/system/pigpiod.service.d/smartevse.conf",
        "usr/lib/systemd/catalog/smartevse.catalog",
        "usr/lib/sysusers.d/smartevse.conf",
        "usr/lib/tmpfiles.d/smartevse.conf",
    } <= names


def test_every_file_below_systemd_is_in_the_package() -> None:
    files = runpy.run_path(str(PACKAGING / "stage.py"))["FILES"]
    sources = {source for source, _ in files.values()}
    assert {str(path.relative_to(PROJECT)) for path in (PROJECT / "systemd").rglob("*") if path.is_file()} <= sources


def test_data_of_the_program_is_staged_and_what_a_builder_left_is_not(staged: Path) -> None:
    program = staged / runpy.run_path(str(PACKAGING / "stage.py"))["PROGRAM"]
    here = {path.relative_to(program) for path in program.rglob("*") if path.is_file()}
    there = PROJECT / "smartevse"
    assert here == {path.relative_to(there) for path in there.rglob("*") if path.is_file() and path.suffix != ".pyc"}


@pytest.mark.parametrize("name", ["postinst", "prerm", "postrm"])
def test_a_maintainer_script_is_sound_and_ends_at_its_first_error(name: str) -> None:
    script = PACKAGING / "debian" / f"smartevse.{name}"
    subprocess.run(["sh", "-n", str(script)], check=True)
    lines = script.read_text("utf-8").splitlines()
    assert lines[:2] == ["#!/bin/sh", "set -e"]
    assert "#DEBHELPER#" in lines


def test_only_a_purge_takes_the_owners_data() -> None:
    for script in (PACKAGING / "debian").glob("smartevse.p*"):
        for number, line in enumerate(script.read_text("utf-8").splitlines()):
            if str(config.DEFAULT_STATE_DIRECTORY) in line:
                above = script.read_text("utf-8").splitlines()[:number]
                assert 'if [ "$1" = purge ]; then' in above


def test_the_command_that_builds_it_can_be_called() -> None:
    assert os.access(PACKAGING / "build-deb", os.X_OK)


def test_devices_that_are_there_already_get_their_groups_before_the_services_start(tmp_path: Path) -> None:
    """Nobody restarts a machine between `apt install` and the first start of the services that it does."""
    said = tmp_path / "said"
    for name in ("systemd-sysusers", "udevadm", "systemctl", "deb-systemd-invoke", "py3compile"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho {name} "$@" >>{said}\n', "utf-8")
        (tmp_path / name).chmod(0o755)
    script = (PACKAGING / "debian/smartevse.postinst").read_text("utf-8")
    script = script.replace("-d /run/systemd/system", f"-d {tmp_path}").replace(
        "#DEBHELPER#", f"echo services >>{said}"
    )
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run(["sh", "-ec", script, "postinst", "configure", ""], check=True, env=environment)
    order = [line.split(" --")[0] for line in said.read_text("utf-8").splitlines()]
    wanted = ["systemd-sysusers smartevse.conf", "udevadm control", "udevadm trigger", "services"]
    assert [line for line in order if line in wanted] == wanted
    rules = (PROJECT / "systemd/smartevse.rules").read_text("utf-8")
    trigger = next(line for line in said.read_text("utf-8").splitlines() if line.startswith("udevadm trigger"))
    for subsystem in re.findall(r'SUBSYSTEM=="([\w-]+)"', rules):
        assert f"--subsystem-match={subsystem}" in trigger
