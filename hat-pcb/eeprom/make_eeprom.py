#!/usr/bin/env python3
"""Writes the image of the hat's identification EEPROM (HAT+), the file that goes into the CAT24C32 on the board.

    make_eeprom.py OUT.eep [--dtbo smartevse-hat.dtbo] [--uuid UUID] [--map hat_rev1.toml]

The image holds the vendor atom (a UUID of its own for each board, product id and revision from the map of the hat),
the device-tree overlay, and the current the hat's supply gives to the Pi. On the Pi it is written with the jumper
"EEPROM write" bridged:  eepflash.sh -w -f=OUT.eep -t=24c32

Format: the HAT ID EEPROM specification of Raspberry Pi, data format version 2 (HAT+); all numbers little-endian, each
atom closed by CRC-16 (polynomial 0x8005 reflected, start 0) over its header and data.
"""

from __future__ import annotations

import argparse
import struct
import sys
import tomllib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SIGNATURE = b"R-Pi"
VERSION_HAT_PLUS = 2
ATOM_VENDOR, ATOM_DEVICE_TREE, ATOM_CUSTOM, ATOM_SUPPLY = 1, 3, 4, 6
SIZE = 4096
"""What a 24C32 holds, in bytes."""
SUPPLY_MA = 2500
"""The current at 5 V that the hat's converter gives to the Pi."""
_HEADER = struct.Struct("<4sBBHI")
_ATOM = struct.Struct("<HHI")


@dataclass(frozen=True, slots=True)
class Atom:
    """One record of the image."""

    kind: int
    data: bytes


def crc16(data: bytes) -> int:
    """CRC-16/ARC of the bytes, as the Pi's firmware computes it."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def vendor(board: uuid.UUID, product_id: int, revision: int, maker: str, product: str) -> Atom:
    """The vendor atom; raises ValueError when a name is not 1 to 255 ASCII characters or a number not 16 bit."""
    for what, name in (("vendor", maker), ("product", product)):
        if not (name.isascii() and 0 < len(name) < 256):
            raise ValueError(f"the {what} name {name!r} must have 1 to 255 ASCII characters")
    for what, number in (("product id", product_id), ("revision", revision)):
        if not 0 <= number <= 0xFFFF:
            raise ValueError(f"the {what} {number} must lie between 0 and 65535")
    fixed = board.int.to_bytes(16, "little") + struct.pack("<HHBB", product_id, revision, len(maker), len(product))
    return Atom(ATOM_VENDOR, fixed + maker.encode("ascii") + product.encode("ascii"))


def supply(milliamps: int) -> Atom:
    """What the hat can feed into the Pi's 5 V."""
    return Atom(ATOM_SUPPLY, struct.pack("<I", milliamps))


def build(atoms: Sequence[Atom]) -> bytes:
    """The image; raises ValueError if it would not fit into the chip."""
    body = b""
    for number, atom in enumerate(atoms):
        record = _ATOM.pack(atom.kind, number, len(atom.data) + 2) + atom.data
        body += record + struct.pack("<H", crc16(record))
    image = _HEADER.pack(SIGNATURE, VERSION_HAT_PLUS, 0, len(atoms), _HEADER.size + len(body)) + body
    if len(image) > SIZE:
        raise ValueError(f"the image has {len(image)} bytes, the EEPROM holds {SIZE}: use a smaller overlay")
    return image


def parse(image: bytes) -> list[Atom]:
    """The atoms of an image; raises ValueError when anything about it is wrong."""
    if len(image) < _HEADER.size:
        raise ValueError("the image is shorter than its header of 12 bytes")
    signature, version, _, count, length = _HEADER.unpack_from(image)
    if signature != SIGNATURE or version != VERSION_HAT_PLUS:
        raise ValueError(f"this is no HAT+ image: signature {signature!r}, version {version}")
    if length != len(image):
        raise ValueError(f"the header names {length} bytes, the image has {len(image)}")
    atoms, at = [], _HEADER.size
    for number in range(count):
        if at + _ATOM.size > len(image):
            raise ValueError(f"the image ends before atom {number}")
        kind, own, size = _ATOM.unpack_from(image, at)
        end = at + _ATOM.size + size
        if own != number or size < 2 or end > len(image):
            raise ValueError(f"atom {number} has a wrong number or length")
        if crc16(image[at : end - 2]) != struct.unpack_from("<H", image, end - 2)[0]:
            raise ValueError(f"the checksum of atom {number} is wrong")
        atoms.append(Atom(kind, image[at + _ATOM.size : end - 2]))
        at = end
    if at != len(image):
        raise ValueError(f"{len(image) - at} bytes follow the last atom")
    return atoms


def image_for(hat_map: Path, overlay: bytes, board: uuid.UUID) -> bytes:
    """The image of one board: names and numbers from the map of the hat, the compiled overlay, the supply's current."""
    with hat_map.open("rb") as file:
        hat = tomllib.load(file)
    atoms = [vendor(board, hat["product_id"], hat["revision"], hat["vendor"], "EV charge controller")]
    if overlay:
        atoms.append(Atom(ATOM_DEVICE_TREE, overlay))
    return build([*atoms, supply(SUPPLY_MA)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; 0 when the image was written."""
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="Write the image of the hat's identification EEPROM.")
    parser.add_argument("out", type=Path, help="the image to write")
    parser.add_argument("--dtbo", type=Path, help="compiled device-tree overlay (dtc -@ -O dtb smartevse-hat.dts)")
    parser.add_argument("--uuid", type=uuid.UUID, help="this board's own UUID (default: a new one)")
    parser.add_argument("--map", type=Path, default=here.parent.parent / "smartevse" / "hal" / "hat_rev1.toml", help="map of the hat")
    options = parser.parse_args(arguments)
    overlay = options.dtbo.read_bytes() if options.dtbo else b""
    options.out.write_bytes(image_for(options.map, overlay, options.uuid or uuid.uuid4()))
    print(f"{options.out}: {options.out.stat().st_size} of {SIZE} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
