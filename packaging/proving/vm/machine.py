"""A computer of its own: Debian for arm64 under QEMU, with a disk, an RS485 adapter on USB, and a plug to pull."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from proving.machine import MachineError, inside

BOOT_S = 240.0
ANSWER_S = 600.0
OUTSIDE = "10.9.0.1"
"""The only other place in the machine's network, where the twin is; as in `build-image`."""
MODEL = "Raspberry Pi 4 Model B Rev 1.4"
ADAPTER = {
    "driver": "usb-serial",
    "id": "adapter",
    "chardev": "rs485",
    "bus": "usb.0",
    "serial": "A1",
    "always-plugged": True,
}
DEVICE_TREE = """
/ {
    model = "%s";
    hat { vendor = "SmartEVSE hat"; product = "smartevse"; product_id = "0x0001"; };
    system { linux,revision = <0xc03114>; };
};
"""
"""What the firmware of a Raspberry Pi leaves for programs: its model, and the hat that it found."""


class VirtualMachine:
    """One machine with its disk; `ask`, `do` and `copy` are those of `proving.machine.Machine`."""

    def __init__(self, image: Path, netns: str, serial: Path) -> None:
        """Boot it from a fresh copy of the image's disk; raises MachineError when it does not."""
        self._image, self._netns, self._serial = image, netns, serial
        self._folder = Path(tempfile.mkdtemp(prefix="smartevse-vm."))
        self._qemu: subprocess.Popen[bytes] | None = None
        self._disk = self._folder / "disk.qcow2"
        self.boot_s = 0.0
        try:
            _wire(netns)
            _run("qemu-img", "create", "-q", "-f", "qcow2", "-b", str(image / "disk.raw"), "-F", "raw", str(self._disk))
            self._tree = self._folder / "tree.dtb"
            self._plant()
            self.power_on()
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> VirtualMachine:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _plant(self) -> None:
        """The device tree of QEMU's board with the words of a Raspberry Pi."""
        plain = self._folder / "plain.dtb"
        _run(*self._command(), "-machine", f"dumpdtb={plain}")
        source = _run("dtc", "-q", "-I", "dtb", "-O", "dts", str(plain))
        source = re.sub(r'(?m)^\tmodel = ".*";$', "", source, count=1) + DEVICE_TREE % MODEL
        text = self._folder / "tree.dts"
        text.write_text(source, "utf-8")
        _run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(self._tree), str(text))

    def _command(self) -> list[str]:
        folder = self._folder
        words = "console=ttyAMA0 quiet loglevel=4 mitigations=off nokaslr audit=0 net.ifnames=0 panic=-1"
        return [
            *("qemu-system-aarch64", "-machine", "virt,gic-version=2", "-accel", "tcg,thread=multi,tb-size=512"),
            *("-cpu", "cortex-a72", "-smp", "1", "-m", "768", "-nodefaults", "-no-user-config", "-nographic"),
            *("-no-reboot", "-kernel", str(self._image / "vmlinuz"), "-initrd", str(self._image / "initrd")),
            *("-append", words, "-rtc", "base=utc,clock=host", "-device", "virtio-rng-pci"),
            *("-drive", f"file={self._disk},if=none,id=disk,format=qcow2,cache=unsafe,discard=unmap"),
            *("-device", "virtio-blk-pci,drive=disk"),
            *("-netdev", "tap,id=wire,ifname=wire,script=no,downscript=no"),
            *("-device", "virtio-net-pci,netdev=wire,romfile="),
            *("-chardev", f"file,id=console,path={folder}/console,append=on", "-serial", "chardev:console"),
            *("-qmp", f"unix:{folder}/qmp,server=on,wait=off"),
            *("-device", "virtio-serial-pci", "-chardev", f"socket,id=hand,path={folder}/hand,server=on,wait=off"),
            *("-device", "virtserialport,chardev=hand,name=proof"),
            *("-device", "qemu-xhci,id=usb", "-chardev", f"serial,id=rs485,path={self._serial}"),
            *("-device", ",".join(f"{key}={_word(value)}" for key, value in ADAPTER.items())),
        ]

    # --- power ---

    def power_on(self) -> None:
        """Boot with what is on the disk, until commands are taken."""
        since_s = time.monotonic()
        for name in ("qmp", "hand"):
            (self._folder / name).unlink(missing_ok=True)
        with (self._folder / "qemu").open("ab") as words:
            self._qemu = subprocess.Popen(
                inside(self._netns, *soon(), *self._command(), "-dtb", str(self._tree)),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        self._monitor = self._connect("qmp")
        self._monitor_lines = self._monitor.makefile("r", encoding="utf-8")
        self._monitor_lines.readline()
        self._qmp("qmp_capabilities")
        self._hand = self._connect("hand")
        self._hand_bytes = self._hand.makefile("rb")
        self._hand.settimeout(BOOT_S)
        try:
            self.do("true")
        except (OSError, MachineError) as error:
            raise MachineError(f"the machine did not boot ({error}):\n{self.console()[-3000:]}") from error
        self._hand.settimeout(ANSWER_S)
        self.boot_s = time.monotonic() - since_s

    def cut(self) -> None:
        """The plug is pulled: the machine is gone at once, and what its kernel had not written is lost."""
        if self._qemu is not None and self._qemu.poll() is None:
            os.kill(self._qemu.pid, signal.SIGKILL)
            self._qemu.wait()

    def power_off(self) -> None:
        """An orderly end."""
        self.ask("systemctl poweroff --no-block")
        assert self._qemu is not None
        self._qemu.wait(BOOT_S)

    def reboot(self) -> None:
        """An orderly end and another start."""
        self.power_off()
        self.power_on()

    def settle(self) -> str:
        """Wait until systemd has started everything; its verdict."""
        return self.ask("systemctl is-system-running --wait")

    def console(self) -> str:
        """What the kernel and systemd have said on the console, of all starts."""
        return (self._folder / "console").read_text("utf-8", "replace")

    # --- the adapter ---

    def unplug(self) -> None:
        """Pull the RS485 adapter out of USB."""
        self._qmp("device_del", id="adapter")

    def plug(self) -> None:
        """Put it back."""
        self._qmp("device_add", **ADAPTER)

    # --- commands ---

    def ask(self, command: str) -> str:
        """What a shell command in the machine prints, whether it succeeds or not."""
        return self._shell(command)[1].strip()

    def do(self, command: str) -> str:
        """What a shell command prints that must succeed; raises MachineError."""
        status, said, wrong = self._shell(command)
        if status:
            raise MachineError(f"{command!r} ended with {status}:\n{said}{wrong}")
        return said.strip()

    def copy(self, source: Path, place: str) -> None:
        """Put a file into the machine."""
        self._give(place, source.read_bytes())

    def write(self, place: str, text: str, mode: str = "644") -> None:
        """Put a text into a file of the machine, with these permissions."""
        self._give(place, text.encode())
        self.do(f"chmod {mode} {place}")

    def _give(self, place: str, data: bytes) -> None:
        status, _, wrong = self._shell(f'mkdir -p "$(dirname {place})"; cat >{place}', data)
        if status:
            raise MachineError(f"{place} cannot be written: {wrong}")

    def _shell(self, command: str, given: bytes = b"") -> tuple[int, str, str]:
        words = command.encode()
        try:
            self._hand.sendall(b"%d %d\n" % (len(words), len(given)) + words + given)
            header = self._hand_bytes.readline()
            if not header:
                raise MachineError(f"the machine is gone during {command!r}")
            status, *counts = map(int, header.split())
            said, wrong = (self._hand_bytes.read(count).decode("utf-8", "replace") for count in counts)
        except OSError as error:
            raise MachineError(f"the machine does not answer {command!r}: {error}") from error
        return status, said, wrong

    def _connect(self, name: str) -> socket.socket:
        near = socket.socket(socket.AF_UNIX)
        until_s = time.monotonic() + 30
        while True:
            try:
                near.connect(str(self._folder / name))
                return near
            except OSError as error:
                assert self._qemu is not None
                if self._qemu.poll() is not None or time.monotonic() > until_s:
                    words = (self._folder / "qemu").read_text("utf-8", "replace")
                    raise MachineError(f"QEMU did not start: {words}") from error
                time.sleep(0.02)

    def _qmp(self, command: str, **arguments: object) -> None:
        self._monitor.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = json.loads(self._monitor_lines.readline())
            if "error" in answer:
                raise MachineError(f"QEMU does not take {command}: {answer['error']}")
            if "return" in answer:
                return


def soon() -> list[str]:
    """A beginning for a command: real time where the host permits it, for no Raspberry Pi waits for its host."""
    words = ["chrt", "--rr", "49"]
    return words if subprocess.run([*words, "true"], check=False).returncode == 0 else []


def _word(value: object) -> str:
    return {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _wire(netns: str) -> None:
    """The cable between the machine and the twin: nothing else hangs on it."""
    for words in (
        ("tuntap", "add", "wire", "mode", "tap"),
        ("address", "add", f"{OUTSIDE}/24", "dev", "wire"),
        ("link", "set", "wire", "up"),
    ):
        _run(*inside(netns, "ip", *words))


def _run(*command: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise MachineError(f"{' '.join(command)}: {result.stderr.strip()}")
    return result.stdout
