"""The machine's configuration: what is wrong in it is said in one whole sentence."""

import os
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from smartevse import config
from smartevse.config import EXIT_CONFIG, Config, ConfigError, load

SAMPLE = Path(__file__).parents[1] / "config" / "smartevse.toml"


def written(tmp_path: Path, text: str) -> Path:
    """A configuration file with this text."""
    path = tmp_path / "smartevse.toml"
    path.write_text(text, "utf-8")
    return path


# what is wrong, what the sentence must name: the place, the value, what is allowed
BAD = (
    ("[hat]\nbackend = 'gpio'", ("backend in [hat]", "'gpio'", '"auto", "pigpio", "kernel"')),
    ("[hat]\nport = 0", ("port in [hat]", "is 0", "from 1 to 65535")),
    ("[hat]\nport = 65536", ("port in [hat]", "65536", "from 1 to 65535")),
    ("[hat]\nport = '8888'", ("port in [hat]", "'8888'", "a whole number from 1 to 65535")),
    ("[hat]\nport = true", ("port in [hat]", "True", "a whole number")),
    ("[hat]\nport = 8888.0", ("port in [hat]", "8888.0", "a whole number")),
    ("[hat]\nhost = ' '", ("host in [hat]", "' '", "pigpiod")),
    ("[hat]\nhots = 'pi'", ("unknown key hots in [hat]", "backend, host, port")),
    ("[hatt]\nport = 1", ("unknown section [hatt]", "[hat], [bus], [panel], [guard]")),
    ("hat = 3", ("hat must be a section [hat]",)),
    ("port = 3", ("unknown section [port]",)),
    ("[bus]\ndevice = 'ttyUSB0'", ("device in [bus]", "'ttyUSB0'", '"/dev/ttyUSB0"')),
    ("[bus]\nbaud = 9601", ("baud in [bus]", "9601", "1200, 2400, 4800, 9600, 19200, 38400")),
    ("[panel]\nlcd = 'oled'", ("lcd in [panel]", "'oled'", '"i2c-20x4", "i2c-16x2", "none"')),
    ("[panel]\nlcd_address = 0x78", ("lcd_address in [panel]", "120", "0x08 to 0x77")),
    ("[panel]\ni2c_bus = 11", ("i2c_bus in [panel]", "11", "from 0 to 10")),
    ("[guard]\nsocket = 'guard.sock'", ("socket in [guard]", "'guard.sock'", "an absolute path")),
    ("[hat\nport = 1", ("is not valid TOML", "line 1")),
    ("[hat]\nport = 1\nport = 2\n", ("is not valid TOML", "line 3")),
)


@pytest.mark.parametrize(("text", "named"), BAD, ids=[row[0].replace("\n", " ") for row in BAD])
def test_what_is_wrong_is_said_in_one_sentence_with_its_place_and_what_is_allowed(
    text: str, named: tuple[str, ...], tmp_path: Path
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    for part in named:
        assert part in sentence


def test_a_missing_file_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no\.toml \(No such file or directory\): create it or name another"):
        load(tmp_path / "no.toml", {})


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    path = tmp_path / "smartevse.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load(path, {})


def test_an_empty_file_means_an_installed_station(tmp_path: Path) -> None:
    assert load(written(tmp_path, ""), {}) == Config()


def test_the_environment_counts_more_than_the_file_and_is_checked_like_it(tmp_path: Path) -> None:
    path = written(tmp_path, "[hat]\nhost = 'pi.local'\nport = 1")
    found = load(path, {"PIGPIO_ADDR": "10.0.0.7", "PIGPIO_PORT": "7777", "STATE_DIRECTORY": "/a:/b"})
    assert (found.hat.host, found.hat.port, found.state_directory) == ("10.0.0.7", 7777, Path("/a"))
    for wrong in ("none", "0", "-1", "70000"):
        with pytest.raises(ConfigError, match=r"port in \[hat\]"):
            load(path, {"PIGPIO_PORT": wrong})


def test_the_sample_is_valid_and_shows_the_defaults() -> None:
    found = load(SAMPLE, {})
    assert found == Config(bus=config.Bus(device="/dev/ttyUSB0"))


def test_the_sample_explains_every_key() -> None:
    sample = tomllib.loads(SAMPLE.read_text("utf-8"))
    for section in ("hat", "bus", "panel", "guard"):
        kind = type(getattr(Config(), section))
        assert list(sample[section]) == [key.name for key in fields(kind)]


def run(command: str, path: Path, state: Path) -> subprocess.CompletedProcess[str]:
    """One of our programs with this configuration, until it ends."""
    code = "import sys; from smartevse.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, command, "--config", str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, "STATE_DIRECTORY": str(state)},
    )


@pytest.mark.parametrize("command", ["run", "guard"])
@pytest.mark.parametrize(
    "text", ["[hat]\nport = 0", "[hat]\nbackend = 'gpio'", None], ids=["bad value", "unknown hat", "no file"]
)
def test_both_programs_end_with_status_78_and_one_line(command: str, text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "smartevse.toml" if text is None else written(tmp_path, text)
    result = run(command, path, tmp_path)
    assert result.returncode == EXIT_CONFIG
    assert result.stderr.count("\n") == 1
    assert str(path) in result.stderr
    assert "Traceback" not in result.stderr
