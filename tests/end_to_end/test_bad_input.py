"""What a person must mend ends guard, station and self-test with one sentence and status 78: systemd leaves them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from smartevse.config import EXIT_CONFIG

WORDS: Mapping[str, tuple[str, ...]] = {
    "guard": ("guard",),
    "station": ("run",),
    "selftest": ("selftest", "--yes", "rail"),
}
NOBODY_HERE = 1
"""A port of this machine where nothing listens."""
START = "import sys; from smartevse.cli import main; sys.exit(main())"
DEVICE_TREE = """mount -t tmpfs tmpfs /sys/firmware || exit 99
mkdir -p /sys/firmware/devicetree/base/hat
cd /sys/firmware/devicetree/base
printf '%s\\0' "$MODEL" > model
if [ -n "$VENDOR" ]; then
    printf '%s\\0' "$VENDOR" > hat/vendor; printf 'thing\\0' > hat/product; printf '0x0001\\0' > hat/product_id
fi
cd /
exec "$@"
"""
"""A Raspberry Pi with a hat, for one program: its firmware's words in mounts of its own."""
PI_4, PI_5, PI_B = "Raspberry Pi 4 Model B Rev 1.4", "Raspberry Pi 5 Model B Rev 1.0", "Raspberry Pi Model B Rev 2"


class Place:
    """A folder with a configuration, in which one program is started and ends by itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "smartevse.toml"
        self.state = folder / "state"
        self.state.mkdir()
        self.write(f"[hat]\nport = {NOBODY_HERE}\n")

    def write(self, text: str) -> None:
        self.config.write_text(f'{text}\n[guard]\nsocket = "{self.folder}/guard.sock"\n', "utf-8")

    def run(self, name: str, *before: str, **environ: str) -> tuple[int, str]:
        """The exit status, and the last line that it said."""
        word, *more = WORDS[name]
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PIGPIO_")}
        done = subprocess.run(
            [*before, sys.executable, "-c", START, word, *more, "--config", str(self.config)],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd=self.folder,
            env={**inherited, "STATE_DIRECTORY": str(self.state), **environ},
            timeout=60,
        )
        said = (done.stdout + done.stderr).strip().splitlines()
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, said[-1] if said else ""


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@contextlib.contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A program that owns a port and is not pigpiod."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                answer(listener.accept()[0])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def a_web_server(connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("name", WORDS)
def test_a_port_that_another_program_owns(place: Place, name: str) -> None:
    with listening(a_web_server) as port:
        place.write(f"[hat]\nport = {port}\n")
        status, said = place.run(name)
    assert f"the program that listens at 127.0.0.1:{port} is not pigpiod: end it ('sudo ss -ltnp' names it)" in said
    assert status == EXIT_CONFIG


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[hat]\nport = 99999", "port in [hat] is 99999, but it must be a whole number from 1 to"),
        (
            "[panel]\nlcd_address = 300",
            "lcd_address in [panel] is 300, but it must be an I2C address from 0x08 to 0x77",
        ),
        ('[bus]\ndevice = "COM1"', "device in [bus] is 'COM1', but it must be a serial device such as"),
        ("[hat]\nmirror = true", "has an unknown key mirror in [hat]: only backend"),
        ("[hat\n", "is not valid TOML"),
    ],
)
def test_wrong_wiring_in_the_configuration(place: Place, name: str, text: str, sentence: str) -> None:
    place.write(text)
    status, said = place.run(name)
    assert sentence in said
    assert status == EXIT_CONFIG


def mounts() -> bool:
    """Whether this user may have mounts of its own."""
    try:
        done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0 and Path("/sys/firmware").is_dir()


@pytest.mark.skipif(not mounts(), reason="a device tree of its own needs root")
@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize(
    ("backend", "model", "vendor", "sentence"),
    [
        (
            "auto",
            PI_4,
            "",
            "no hat was found when the Raspberry Pi started (its EEPROM did not answer): switch off, press",
        ),
        ("pigpio", PI_4, "Other GmbH", "the hat on this Raspberry Pi is 'Other GmbH' 'thing' (0x0001), not"),
        ("auto", PI_B, "", f"a {PI_B} has 26 pins, but the hat needs 40: use a newer Raspberry Pi"),
        ("pigpio", PI_5, "", f'pigpiod does not run on a {PI_5}: set backend in [hat] to "auto" or "kernel"'),
    ],
)
def test_a_missing_hat_and_a_raspberry_pi_that_does_not_fit(
    place: Place, name: str, backend: str, model: str, vendor: str, sentence: str
) -> None:
    place.write(f'[hat]\nbackend = "{backend}"\nport = {NOBODY_HERE}\n')
    own = ("unshare", "--mount", "--propagation=private", "sh", "-c", DEVICE_TREE, "sh")
    status, said = place.run(name, *own, MODEL=model, VENDOR=vendor)
    assert sentence in said
    assert status == EXIT_CONFIG


@pytest.mark.parametrize("name", WORDS)
def test_the_kernels_pins_beside_a_running_pigpiod(place: Place, name: str) -> None:
    with listening(lambda connection: connection.close()) as port:
        place.write(f'[hat]\nbackend = "kernel"\nport = {port}\n')
        status, said = place.run(name)
    assert 'drives the pins that the back-end "kernel" is to drive: sudo systemctl mask --now pigpiod' in said
    assert status == EXIT_CONFIG


def test_a_second_guard(place: Place) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as first:
        first.bind(str(place.folder / "guard.sock"))
        first.listen()
        status, said = place.run("guard")
    assert said == f"guard: another guard listens at {place.folder}/guard.sock: stop it first"
    assert status == EXIT_CONFIG


def test_a_missing_folder_of_the_guards_socket(place: Place) -> None:
    place.config.write_text('[guard]\nsocket = "/nowhere/guard.sock"\n', "utf-8")
    status, said = place.run("guard")
    assert "cannot listen at /nowhere/guard.sock" in said
    assert "create its folder, writable for this user, or set another socket in [guard] of" in said
    assert status == EXIT_CONFIG


AS_NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")


def nobody_can() -> bool:
    """Whether root runs this, and somebody without rights can run the program from where it lies."""
    if os.geteuid() != 0:
        return False
    try:
        done = subprocess.run([*AS_NOBODY, sys.executable, "-c", START, "--version"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0


def for_all(folder: Path) -> None:
    """Let everybody in, also where the folders above belong to root alone."""
    for above in (folder, *folder.parents):
        if above != Path("/tmp") and above.is_relative_to("/tmp"):
            above.chmod(0o755)


@pytest.mark.skipif(not nobody_can(), reason="only root can become somebody without rights")
@pytest.mark.parametrize("name", WORDS)
def test_a_configuration_that_may_not_be_read(place: Place, name: str) -> None:
    for_all(place.folder)
    place.config.chmod(0o600)
    status, said = place.run(name, *AS_NOBODY)
    assert f"cannot read the configuration {place.config} (Permission denied)" in said
    assert status == EXIT_CONFIG


@pytest.mark.skipif(not nobody_can(), reason="only root can become somebody without rights")
def test_a_serial_port_that_may_not_be_opened(place: Place) -> None:
    for_all(place.folder)
    place.state.chmod(0o777)
    near, far = os.openpty()
    device = os.ttyname(far)
    Path(device).chmod(0o600)
    place.write(f'[hat]\nport = {NOBODY_HERE}\n[bus]\ndevice = "{device}"\n')
    status, said = place.run("station", *AS_NOBODY)
    os.close(near)
    os.close(far)
    assert f"the RS485 line {device} cannot be opened (Permission denied): see to its owner and group" in said
    assert status == EXIT_CONFIG


def test_a_serial_port_that_is_none(place: Place) -> None:
    place.write(f'[hat]\nport = {NOBODY_HERE}\n[bus]\ndevice = "/dev/null"\n')
    status, said = place.run("station")
    assert said.endswith("the RS485 line /dev/null is not a serial port: correct [bus] device")
    assert status == EXIT_CONFIG


def test_a_serial_port_that_another_program_keeps(place: Place) -> None:
    near, far = os.openpty()
    fcntl.flock(far, fcntl.LOCK_EX)
    place.write(f'[hat]\nport = {NOBODY_HERE}\n[bus]\ndevice = "{os.ttyname(far)}"\n')
    status, said = place.run("station")
    os.close(near)
    os.close(far)
    assert "is used by another program: end it, one line has one owner" in said
    assert status == EXIT_CONFIG


@pytest.mark.skipif(not nobody_can(), reason="only root can become somebody without rights")
@pytest.mark.parametrize("name", ["station", "selftest"])
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_settings_that_may_not_be_read_or_written(place: Place, name: str, mode: int) -> None:
    for_all(place.folder)
    place.state.chmod(mode)
    status, said = place.run(name, *AS_NOBODY)
    assert f"this user may not read and write the owner's settings in {place.state}: sudo chown -R smartevse:" in said
    assert status == EXIT_CONFIG
