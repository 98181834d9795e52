"""packaging/setup: what it writes into the boot folder, and that it can be taken back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / "packaging/setup"
CONFIG_TXT = "[all]\ndtparam=audio=on\n\n[pi4]\narm_boost=1\n"
CMDLINE = "console=serial0,115200 console=tty1 root=PARTUUID=1 rootwait\n"


def setup(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", str(SETUP), *words], capture_output=True, text=True, check=False)


@pytest.fixture
def boot(tmp_path: Path) -> Path:
    (tmp_path / "config.txt").write_text(CONFIG_TXT, "utf-8")
    (tmp_path / "cmdline.txt").write_text(CMDLINE, "utf-8")
    return tmp_path


def texts(boot: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(boot.iterdir())}


def test_the_connector_is_the_hats_and_what_the_owner_wrote_stays_in_front(boot: Path) -> None:
    assert setup("--connector-only", "--boot", str(boot)).returncode == 0
    config = (boot / "config.txt").read_text("utf-8")
    assert config.startswith(CONFIG_TXT)
    block = config.removeprefix(CONFIG_TXT).splitlines()
    assert block[1] == "[all]"  # whatever model the owner's last section was for
    assert {"dtparam=spi=on", "dtparam=i2c_arm=on", "dtparam=audio=off", "dtoverlay=spi0-1cs"} <= set(block)
    assert (boot / "cmdline.txt").read_text("utf-8") == "console=tty1 root=PARTUUID=1 rootwait cgroup_enable=memory\n"


def test_a_second_time_changes_nothing(boot: Path) -> None:
    setup("--connector-only", "--boot", str(boot))
    once = texts(boot)
    assert setup("--connector-only", "--boot", str(boot)).returncode == 0
    assert texts(boot) == once


def test_it_is_taken_back_without_a_trace(boot: Path) -> None:
    before = texts(boot)
    setup("--connector-only", "--boot", str(boot))
    assert setup("--connector-only", "--uninstall", "--boot", str(boot)).returncode == 0
    assert texts(boot) == before


def test_a_boot_folder_without_config_txt_is_named(tmp_path: Path) -> None:
    refused = setup("--connector-only", "--boot", str(tmp_path))
    assert refused.returncode == 1
    assert f"There is no {tmp_path}/config.txt" in refused.stderr


def test_unknown_words_are_refused() -> None:
    refused = setup("--everything")
    assert refused.returncode == 2
    assert "--everything" in refused.stderr
