"""The image of the identification EEPROM is what the Raspberry Pi's firmware expects, and damage is found."""

from __future__ import annotations

import re
import struct
import tomllib
import uuid
from pathlib import Path

import make_eeprom as eeprom
import pytest
from hypothesis import given
from hypothesis import strategies as st

HAT = Path(__file__).resolve().parents[2] / "hat-pcb"
BOARD = uuid.UUID("01234567-89ab-cdef-0123-456789abcdef")
MAP = HAT.parent / "smartevse" / "hal" / "hat_rev1.toml"


def test_the_checksum_is_the_published_one() -> None:
    assert eeprom.crc16(b"123456789") == 0xBB3D  # check value of CRC-16/ARC


def test_the_header_names_version_atoms_and_length() -> None:
    image = eeprom.image_for(MAP, b"overlay", BOARD)
    signature, version, reserved, atoms, length = struct.unpack_from("<4sBBHI", image)
    assert (signature, version, reserved, atoms, length) == (b"R-Pi", 2, 0, 3, len(image))


def test_the_vendor_atom_holds_uuid_product_and_revision_of_the_map() -> None:
    vendor, overlay, supply = eeprom.parse(eeprom.image_for(MAP, b"overlay", BOARD))
    assert vendor.kind == eeprom.ATOM_VENDOR
    assert vendor.data[:16] == BOARD.int.to_bytes(16, "little")
    assert struct.unpack_from("<HHBB", vendor.data, 16) == (1, 1, 13, 20)
    assert vendor.data[22:] == b"SmartEVSE hatEV charge controller"
    assert (overlay.kind, overlay.data) == (eeprom.ATOM_DEVICE_TREE, b"overlay")
    assert (supply.kind, struct.unpack("<I", supply.data)[0]) == (eeprom.ATOM_SUPPLY, 2500)


@given(st.lists(st.tuples(st.integers(1, 6), st.binary(max_size=200)), max_size=8))
def test_every_image_reads_back_as_it_was_written(atoms: list[tuple[int, bytes]]) -> None:
    written = [eeprom.Atom(kind, data) for kind, data in atoms]
    assert eeprom.parse(eeprom.build(written)) == written


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_one_wrong_bit_is_found(place: int, bit: int) -> None:
    image = bytearray(eeprom.image_for(MAP, b"overlay", BOARD))
    place %= len(image)
    if place == 5:
        return  # reserved, not covered by any checksum
    image[place] ^= 1 << bit
    with pytest.raises(ValueError, match=r"\w"):
        eeprom.parse(bytes(image))


def test_an_image_too_large_for_the_chip_is_refused() -> None:
    with pytest.raises(ValueError, match="the EEPROM holds 4096"):
        eeprom.image_for(MAP, bytes(4096), BOARD)


@pytest.mark.parametrize(
    ("maker", "product_id", "revision"),
    [("", 1, 1), ("x" * 256, 1, 1), ("grün", 1, 1), ("x", -1, 1), ("x", 1, 0x10000)],
)
def test_names_and_numbers_out_of_range_are_refused(maker: str, product_id: int, revision: int) -> None:
    with pytest.raises(ValueError, match="must"):
        eeprom.vendor(BOARD, product_id, revision, maker, "hat")


def test_the_command_writes_a_file_of_its_own_for_each_board(tmp_path: Path) -> None:
    names = [tmp_path / "a.eep", tmp_path / "b.eep"]
    for name in names:
        assert eeprom.main([str(name)]) == 0
    first, second = (eeprom.parse(n.read_bytes())[0].data[:16] for n in names)
    assert first != second


def test_the_overlay_pulls_every_pin_as_the_map_says() -> None:
    text = (HAT / "eeprom" / "smartevse-hat.dts").read_text("utf-8")

    pulls: dict[int, str] = {}
    for pins, values in re.findall(
        r"brcm,pins = <([\d ]+)>;\s*brcm,function = <[\d ]+>;\s*brcm,pull = <([\d ]+)>", text
    ):
        pulls.update(
            zip(map(int, pins.split()), ({"0": "none", "1": "down", "2": "up"}[v] for v in values.split()), strict=True)
        )
    with MAP.open("rb") as file:
        hat = tomllib.load(file)
    assert {hat["pins"][name]: pull for name, pull in hat["boot_pulls"].items()}.items() <= pulls.items()
