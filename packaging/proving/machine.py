"""A throw-away Debian with systemd as PID 1: systemd-nspawn over a cached root, in a network of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

PACKAGES = "systemd,systemd-sysv,dbus,procps,python3,python3-serial,python3-colorzero,apt"
"""A small Debian and the packages that ours depends on: the machine can fetch none when it is installed."""
KEEP_CAPABILITIES_OFF = "-sys_time,-sys_module,-sys_boot,-sys_rawio,-syslog"
"""What a command in the container must not have: nsenter keeps the caller's, and the clock is the host's."""
BOOT_S = 30.0


class MachineError(Exception):
    """The machine cannot be made or a command in it failed; the text says which."""


def root(suite: str) -> Path:
    """The root of a fresh Debian, made once and kept in the cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "smartevse-prove"
    arch = _run("dpkg", "--print-architecture").strip()
    folder = cache / f"{suite}-{arch}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        part = cache / f"{suite}-{arch}.part"
        shutil.rmtree(part, ignore_errors=True)
        print(f"Making a Debian {suite} in {folder} (once) ...", flush=True)
        _run(
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            "--format=directory",
            f"--include={PACKAGES}",
            suite,
            str(part),
        )
        part.rename(folder)
    return folder


@contextlib.contextmanager
def network(name: str) -> Iterator[str]:
    """A network of its own with nothing but a loopback; the name is for `inside`."""
    _run("ip", "netns", "add", name)
    try:
        _run("ip", "-n", name, "link", "set", "lo", "up")
        yield name
    finally:
        _run("ip", "netns", "delete", name)


class Machine:
    """A running container; everything it writes is in memory and gone at the end."""

    def __init__(self, suite: str, netns: str, binds: Sequence[str], before: Sequence[tuple[str, str, int]]) -> None:
        """`binds`: HOST:INSIDE; `before`: files to be there before it boots, as path, text, permissions."""
        self._folder = Path(tempfile.mkdtemp(prefix="smartevse-prove."))
        self._stack = contextlib.ExitStack()
        self._stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
        try:
            self._boot(root(suite), netns, binds, before)
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _mount(self, *arguments: str) -> None:
        _run("mount", *arguments)
        self._stack.callback(subprocess.run, ["umount", "--lazy", arguments[-1]], check=False)

    def _boot(self, lower: Path, netns: str, binds: Sequence[str], before: Sequence[tuple[str, str, int]]) -> None:
        state = Path("/run/systemd/nspawn")
        state.mkdir(parents=True, exist_ok=True)
        if not os.path.ismount(state):  # nspawn wants it in memory, which it is where systemd is PID 1
            self._mount("-t", "tmpfs", "tmpfs", str(state))
        memory, top = self._folder / "memory", self._folder / "root"
        memory.mkdir()
        top.mkdir()
        self._mount("-t", "tmpfs", "-o", "size=600M", "tmpfs", str(memory))
        for name in ("upper", "work"):
            (memory / name).mkdir()
        layers = f"lowerdir={lower},upperdir={memory / 'upper'},workdir={memory / 'work'}"
        self._mount("-t", "overlay", "-o", layers, "overlay", str(top))
        for place, text, mode in before:
            path = top / place.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            path.chmod(mode)
        self._command = [
            *("systemd-nspawn", "--quiet", "--boot", f"--directory={top}", "--register=no", "--keep-unit"),
            *(f"--machine={self._folder.name.replace('.', '-').replace('_', '-')}", "--console=pipe"),
            # On a Raspberry Pi nothing stands in the way of real time, locked memory and looking at the clock's state.
            *("--system-call-filter=@memlock @resources adjtimex clock_adjtime", "--capability=CAP_IPC_LOCK"),
            f"--network-namespace-path=/run/netns/{netns}",
            *(f"--bind={bind}" for bind in binds),
        ]
        self._start()

    def _start(self) -> None:
        with (self._folder / "console").open("wb") as console:
            nspawn = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._nspawn = nspawn
        self._stack.callback(_end, nspawn)
        until = time.monotonic() + BOOT_S
        self._leader = 0
        while not self._leader or self.ask("systemctl is-system-running") not in ("running", "degraded"):
            if nspawn.poll() is not None or time.monotonic() > until:
                raise MachineError(f"the container did not boot:\n{(self._folder / 'console').read_text('utf-8')}")
            self._leader = self._leader or _leader(nspawn.pid)
            time.sleep(0.05)

    def reboot(self) -> None:
        """Boot again with what is on its disk; what was in its /run is gone."""
        self.ask("systemctl reboot")
        self._nspawn.wait(BOOT_S)
        self._start()

    def cut(self) -> None:
        """Every process in it is gone at once, as when the power goes; what was not written is lost."""
        os.kill(self._leader, signal.SIGKILL)

    def power_on(self) -> None:
        """Boot after a cut."""
        self._nspawn.wait(BOOT_S)
        self._start()

    def ask(self, command: str) -> str:
        """What a shell command in the machine prints, whether it succeeds or not."""
        return self._shell(command).stdout.strip()

    def do(self, command: str) -> str:
        """What a shell command prints that must succeed; raises MachineError."""
        result = self._shell(command)
        if result.returncode:
            raise MachineError(f"{command!r} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
        return result.stdout.strip()

    def _shell(self, command: str) -> subprocess.CompletedProcess[str]:
        enter = ["nsenter", "--target", str(self._leader), "--mount", "--uts", "--ipc", "--net", "--pid"]
        clean = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "DEBIAN_FRONTEND=noninteractive"]
        less = ["setpriv", f"--bounding-set={KEEP_CAPABILITIES_OFF}", "bash", "-c", command]
        return subprocess.run(
            [*enter, *clean, *less], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=180
        )

    def copy(self, source: Path, place: str) -> None:
        """Put a file into the machine."""
        shutil.copyfile(source, f"/proc/{self._leader}/root{place}")


def inside(netns: str, *command: str) -> list[str]:
    """A command of the host that lives in the network of the container."""
    return ["ip", "netns", "exec", netns, *command]


def _run(*command: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise MachineError(f"{' '.join(command)}: {result.stderr.strip()}")
    return result.stdout


def _leader(above: int) -> int:
    """The process that is PID 1 in the container, 0 while there is none."""
    todo = [above]
    while todo:
        pid = todo.pop()
        with contextlib.suppress(OSError):
            if f"NSpid:\t{pid}\t1\n" in Path(f"/proc/{pid}/status").read_text("utf-8"):
                name = Path(f"/proc/{pid}/comm").read_text("utf-8")
                return pid if name == "systemd\n" else 0
            todo += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split())
    return 0


def _end(nspawn: subprocess.Popen[bytes]) -> None:
    if nspawn.poll() is None:
        nspawn.terminate()
        try:
            nspawn.wait(20)
        except subprocess.TimeoutExpired:
            nspawn.kill()
            nspawn.wait()
