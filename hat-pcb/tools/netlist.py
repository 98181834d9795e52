#!/usr/bin/env python3
"""Brings KiCad's net list into the form that is committed: no dates, no paths, stable order.

`netlist.py IN.xml OUT.xml`; the same schematic gives the same bytes on every machine.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET


def main() -> None:
    """Command line."""
    root = ET.parse(sys.argv[1]).getroot()
    out = ["<?xml version='1.0' encoding='utf-8'?>", "<export>", "  <components>"]
    for part in sorted(root.iter("comp"), key=lambda c: c.get("ref") or ""):
        out.append(
            f'    <comp ref="{part.get("ref")}"><value>{_text(part.findtext("value"))}</value><footprint>{_text(part.findtext("footprint"))}</footprint></comp>'
        )
    out += ["  </components>", "  <nets>"]
    for net in sorted(root.iter("net"), key=lambda n: n.get("name") or ""):
        nodes = sorted((n.get("ref") or "", n.get("pin") or "") for n in net.iter("node"))
        out.append(f'    <net name="{_text(net.get("name"))}">' + "".join(f'<node ref="{r}" pin="{p}"/>' for r, p in nodes) + "</net>")
    out += ["  </nets>", "</export>"]
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


def _text(text: str | None) -> str:
    return (text or "").replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


if __name__ == "__main__":
    main()
