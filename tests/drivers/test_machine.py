"""What this machine calls itself."""

from __future__ import annotations

from pathlib import Path

from smartevse.drivers.machine import Machine


def test_the_serial_number_is_the_pis_or_that_of_the_installation_or_0(tmp_path: Path) -> None:
    assert Machine(tmp_path).serial == 0
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/machine-id").write_text("no number\n")
    assert Machine(tmp_path).serial == 0
    (tmp_path / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    assert Machine(tmp_path).serial & 0xFFFF == 0xCDEF
    tree = tmp_path / "sys/firmware/devicetree/base"
    tree.mkdir(parents=True)
    (tree / "serial-number").write_bytes(b"100000003d1db1e5\0")
    assert Machine(tmp_path).serial == 0x100000003D1DB1E5
