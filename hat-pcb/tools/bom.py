#!/usr/bin/env python3
"""Net list -> parts list with order numbers, second sources, quantities and estimated cost: `bom.py NETLIST.xml OUT.csv`."""

from __future__ import annotations

import csv
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "design"))


def prices() -> dict[str, float]:
    """The estimated price in euro by order number, from the catalogue."""
    import generate
    import sheet

    sheet.load_symbols()
    return {p.kind.mpn: p.kind.price for s in generate.sheets() for p in s.parts}


def main() -> None:
    """Command line."""
    price = prices()
    groups: dict[tuple[str, str, str], list[str]] = {}
    details: dict[tuple[str, str, str], dict[str, str]] = {}
    for part in ET.parse(sys.argv[1]).getroot().iter("comp"):
        fields = {f.get("name") or "": f.text or "" for f in part.iter("field")}
        if not fields.get("MPN"):
            continue
        key = (fields["MPN"], part.findtext("value") or "", (part.findtext("footprint") or "").split(":")[1])
        groups.setdefault(key, []).append(part.get("ref") or "")
        details[key] = fields

    def order(ref: str) -> tuple[str, int]:
        match = re.match(r"([A-Z]+)(\d+)", ref)
        return (match[1], int(match[2])) if match else (ref, 0)

    total = 0.0
    with open(sys.argv[2], "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(
            ["Quantity", "References", "Value", "Manufacturer", "Order number", "Second source", "Footprint", "Note", "EUR each (estimate)", "EUR"]
        )
        for key in sorted(groups, key=lambda k: order(sorted(groups[k], key=order)[0])):
            refs, fields = sorted(groups[key], key=order), details[key]
            cost = price.get(key[0], 0.0)
            total += cost * len(refs)
            out.writerow(
                [
                    len(refs),
                    " ".join(refs),
                    key[1],
                    fields.get("Manufacturer", ""),
                    key[0],
                    fields.get("Second source", ""),
                    key[2],
                    fields.get("Description", ""),
                    f"{cost:.2f}",
                    f"{cost * len(refs):.2f}",
                ]
            )
        out.writerow(["", "", "", "", "", "", "", "parts for one board (estimate)", "", f"{total:.2f}"])
    print(f"{len(groups)} kinds, {sum(map(len, groups.values()))} parts, about EUR {total:.0f} for one board")


if __name__ == "__main__":
    main()
