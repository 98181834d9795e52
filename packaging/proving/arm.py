"""`python -m proving.arm SUITE ARCH PACKAGE WHEEL PAGE`: the program in a Debian of another architecture.

The root is a folder, its programs run through QEMU's user emulation: another processor and another word size, but the
kernel, the clock and the devices of this machine, and no systemd. What is looked at is what can differ there: whether
what the package needs exists, whether every module loads, and whether the decisions are the same, number for number.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from proving import arm_inside, arm_programs
from proving.report import Report

COMMON = "systemd,python3,python3-venv,python3-serial,python3-colorzero,python3-jeepney,python3-spidev,apt"
PACKAGES = {"bookworm": COMMON, "trixie": f"{COMMON},python3-libgpiod"}
"""What ours depends on, and what it recommends and the suite has: the root can fetch nothing when it is installed."""
MACHINES = {"arm64": ("aarch64", 8), "armhf": ("armv7l", 4)}
"""What `uname -m` says there, and the bytes of a pointer."""
WHEELS = {
    "arm64": ("manylinux2014_aarch64", "manylinux_2_17_aarch64", "linux_aarch64"),
    "armhf": ("manylinux2014_armv7l", "manylinux_2_17_armv7l", "linux_armv7l"),
}
"""The names of the platforms whose files pip takes there."""
PYTHONS = {"bookworm": "3.11", "trixie": "3.13"}
CLEAN = ("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "DEBIAN_FRONTEND=noninteractive")
LONGEST_S = 1800.0
SAME = "as on the machine that emulates"


class ArmError(Exception):
    """The root cannot be made or a command in it failed; the text says which."""


def run(*command: str) -> str:
    """What a command of this machine prints; raises ArmError."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise ArmError(f"{' '.join(command)}: {(result.stdout + result.stderr).strip()[-1500:]}")
    return result.stdout


def root(suite: str, arch: str) -> Path:
    """The root of a small Debian of that architecture, made once and kept in the cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "smartevse-prove"
    folder, part = cache / f"{suite}-{arch}-user", cache / f"{suite}-{arch}-user.part"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)
        print(f"Making a Debian {suite} for {arch} in {folder} (once) ...", flush=True)
        slim = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale")]
        made = ("--variant=minbase", "--format=directory", f"--include={PACKAGES[suite]}")
        # the release alone: what was updated since changes under a proof's feet
        release = f"deb http://deb.debian.org/debian {suite} main"
        run("mmdebstrap", "--quiet", f"--architectures={arch}", *made, *slim, suite, str(part), release)
        part.rename(folder)
    return folder


class Root:
    """A throw-away layer over the root; its commands have a network of their own with a loopback and nothing else."""

    def __init__(self, top: Path) -> None:
        self.top = top

    def ask(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; what it leaves running ends with it."""
        apart = (
            "unshare",
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
            "sh",
            "-c",
            'ip link set lo up && exec "$@"',
            "sh",
        )
        inside = [*apart, "chroot", str(self.top), *CLEAN, *command]
        return subprocess.run(
            inside, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=LONGEST_S
        )

    def do(self, *command: str) -> str:
        """What a command prints that must succeed; raises ArmError."""
        result = self.ask(*command)
        if result.returncode:
            said = (result.stdout + result.stderr).strip()[-1500:]
            raise ArmError(f"{' '.join(command)} ended with {result.returncode}: {said}")
        return result.stdout.strip()


@contextlib.contextmanager
def layer(lower: Path) -> Iterator[Root]:
    """The layer, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="smartevse-arm."))
    top = folder / "root"
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        for name in ("upper", "work", "root"):
            (folder / name).mkdir()
        layers = f"lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work"
        for words in (
            ("-t", "overlay", "-o", layers, "overlay", str(top)),
            ("-t", "proc", "proc", str(top / "proc")),
            ("-t", "tmpfs", "tmpfs", str(top / "run")),
            ("-t", "tmpfs", "tmpfs", str(top / "tmp")),
            ("--rbind", "/dev", str(top / "dev")),
            ("--make-rslave", str(top / "dev")),
        ):
            run("mount", *words)
            if words[0] != "--make-rslave":
                stack.callback(subprocess.run, ["umount", "--lazy", words[-1]], check=False)
        yield Root(top)


def _system(report: Report, place: Root, arch: str) -> None:
    machine, pointer = MACHINES[arch]
    script = "import platform, struct; print(platform.machine(), struct.calcsize('P'), platform.python_version())"
    about = place.do("python3", "-c", script)
    must = f"{machine}, pointers of {pointer} bytes"
    report.row("the processor that programs see, and Python", must, about, about.startswith(f"{machine} {pointer} "))


def _installed(report: Report, place: Root, package: Path) -> None:
    shutil.copy(package, place.top / "tmp/smartevse.deb")
    began_s = time.monotonic()
    words = ("--yes", "--no-install-recommends", "/tmp/smartevse.deb")
    came = place.ask("apt-get", "install", *words)
    took_s = time.monotonic() - began_s
    status = place.ask("dpkg-query", "--showformat=${Status} ${Version}", "--show", "smartevse").stdout
    held = came.returncode == 0 and status.startswith("install ok installed")
    said = f"{status}, {took_s:.0f} s" if held else (came.stdout + came.stderr)[-400:]
    report.row("apt installs the package, with Debian's own packages and without a network", "installed", said, held)
    if not held:
        raise ArmError("without the package there is nothing to look at")
    compiled = place.do("sh", "-c", "find /usr/lib/smartevse -name '*.pyc' | wc -l")
    report.row("its modules are compiled", "more than 200", compiled, int(compiled) > 200)
    user = place.ask("getent", "passwd", "smartevse").stdout.strip()
    report.row("the services' user", "made", user, user.startswith("smartevse:"))


def _commands(report: Report, place: Root, package: Path) -> None:
    version = place.do("smartevse", "--version")
    wanted = re.sub(r"(a|b|rc|\.dev)(\d+)$", r"~\1\2", version.split()[-1])
    report.row("`smartevse --version`", "the package's", version, f"_{wanted}_" in package.name)
    began_s = time.monotonic()
    settings = place.do("smartevse", "settings", "list").splitlines()
    took_s = time.monotonic() - began_s
    report.row("`smartevse settings list`", "a line each", f"{len(settings)} lines, {took_s:.1f} s", len(settings) > 30)
    place.do("smartevse", "settings", "set", "MAX", "13")
    kept = place.do("smartevse", "settings", "get", "MAX")
    report.row("a setting that was set is there again", "13", kept, "13" in kept)


def _modules(report: Report, place: Root, suite: str) -> None:
    ours = json.loads(run(sys.executable, arm_inside.__file__))
    shutil.copy(arm_inside.__file__, place.top / "tmp/arm_inside.py")
    theirs = json.loads(place.do("python3", "-I", "/tmp/arm_inside.py"))
    failed = "; ".join(f"{name}: {why}" for name, why in theirs["failed"].items())
    lacking = ", ".join(theirs["lacking"])
    report.row(
        "every module of guard, station and twin loads",
        "none fails",
        f"{theirs['loaded']} load; without their extra: {lacking or 'none'}{'; ' + failed if failed else ''}",
        not failed and theirs["loaded"] > 200,
    )
    libraries = ", ".join(f"{name} {version}" for name, version in theirs["libraries"].items())
    wanted = {"spidev", "serial", "pigpio", "gpiozero", "pymodbus", "RPLCD", "smbus2", "jeepney"}
    wanted |= {"gpiod"} if suite == "trixie" else set()
    missing = [name for name in sorted(wanted) if theirs["libraries"][name] == "no"]
    report.row("the libraries of hat, line and network", "load", libraries, not missing)
    same = theirs["frames"] == ours["frames"]
    report.row("frames, records and conversions of the guard", f"{SAME}: {ours['frames']}", theirs["frames"], same)


def _stories(report: Report, place: Root) -> None:
    names = run(sys.executable, "-m", "proving.arm_programs", "stories").split()
    began_s = time.monotonic()
    differ = []
    for name in names:
        ours = run(*arm_programs.SCENARIO, name, "--json")
        theirs = place.ask("smartevse", "scenario", name, "--json")
        if theirs.returncode or _told(theirs.stdout) != _told(ours):
            differ.append(f"{name} ({theirs.stderr.strip()[-200:] or 'other numbers'})")
    seen = ", ".join(differ) or f"the same in all {len(names)}, {time.monotonic() - began_s:.0f} s"
    must = "held; every change of state, time, current and energy as on the machine that emulates"
    report.row("the stories that come with the program, in virtual time", must, seen, bool(names) and not differ)


def _told(text: str) -> Any:
    """The results of a story without what differs from machine to machine."""
    stories = json.loads(text)
    for story in stories:
        del story["took_s"], story["file"]
    return stories


def _programs(report: Report, place: Root) -> None:
    shutil.copy(arm_programs.__file__, place.top / "tmp/arm_programs.py")
    came = place.ask("python3", "-I", "/tmp/arm_programs.py", "charge")
    said = came.stdout.strip().splitlines()[-1] if came.stdout.strip() else came.stderr.strip()[-300:]
    must = "the car is charged, all three end with status 0"
    report.row("twin, guard and station as processes, in real time", must, said, came.returncode == 0)


def _wheel(report: Report, place: Root, suite: str, arch: str, wheel: Path) -> None:
    """What `pip install` does on such a machine without a compiler: the files are fetched here, installed there."""
    folder = place.top / "tmp/wheels"
    folder.mkdir()
    platforms = [f"--platform={name}" for name in (*WHEELS[arch], "any")]
    fetch = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary=:all:")
    python = f"--python-version={PYTHONS[suite]}"
    run(*fetch, *platforms, python, "--implementation=cp", f"--dest={folder}", str(wheel))
    place.do("python3", "-m", "venv", "/tmp/venv")
    began_s = time.monotonic()
    came = place.ask("/tmp/venv/bin/pip", "install", "--quiet", "--no-index", "--find-links=/tmp/wheels", "smartevse")
    took_s = time.monotonic() - began_s
    version = place.ask("/tmp/venv/bin/smartevse", "--version").stdout.strip()
    held = came.returncode == 0 and version.startswith("smartevse ")
    files = ", ".join(sorted(path.name.split("-")[0] for path in folder.iterdir()))
    said = f"{version}, {took_s:.0f} s; {files}" if held else (came.stdout + came.stderr)[-400:]
    report.row("pip installs the wheel and all it requires, without a compiler", "installed", said, held)


def tell(report: Report, place: Root, suite: str, arch: str, package: Path, wheel: Path) -> None:
    """Everything in its order."""
    _system(report, place, arch)
    _installed(report, place, package)
    _commands(report, place, package)
    _modules(report, place, suite)
    _stories(report, place)
    _programs(report, place)
    _wheel(report, place, suite, arch, wheel)


INTRODUCTION = """# Acceptance on arm64 and armhf

Made by `packaging/prove-arm`: the package, installed in a small Debian of the architectures of a Raspberry Pi, whose
programs run through QEMU's user emulation on another processor. It shows that all that the package needs exists there,
that every module loads, and that the program decides the same with other processors and word sizes. It cannot show
speed, devices or systemd; [acceptance.md](acceptance.md) shows systemd.
"""


def merge(page: str, title: str, section: str) -> str:
    """The page with this section in the place of an older one of the same title; sections in the order of titles."""
    sections = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n?)*)", page, re.MULTILINE))
    sections[title] = section
    return INTRODUCTION + "".join(f"\n## {name}\n\n{sections[name].strip()}\n" for name in sorted(sections))


def main(words: Sequence[str]) -> int:
    """Prove it; 0 when every line holds."""
    suite, arch, package, wheel, page = words[0], words[1], Path(words[2]), Path(words[3]), Path(words[4])
    if suite not in PACKAGES or arch not in MACHINES:
        print(f"packaging/prove-arm knows {', '.join(PACKAGES)} for {', '.join(MACHINES)}", file=sys.stderr)
        return 2
    report, began_s = Report(chapter=f"{suite} {arch}"), time.monotonic()
    try:
        with layer(root(suite, arch)) as place:
            tell(report, place, suite, arch, package, wheel)
    except ArmError as error:
        report.row("the proof itself", "comes to its end", error, False)
    lines = report.markdown("", ()).split("|---|---|---|---|\n", 1)[1]
    held = f"{len(report.rows)} lines, " + (f"{report.broken} do not hold" if report.broken else "all hold")
    section = (
        f"{package.name}, {held}; {time.monotonic() - began_s:.0f} s.\n\n| what | must | seen | |\n|---|---|---|---|\n"
    )
    old = page.read_text("utf-8") if page.exists() else ""
    page.write_text(merge(old, f"Debian {suite}, {arch}", section + lines), "utf-8")
    print(f"{page}: {suite} {arch}: {held}")
    return int(report.broken > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
