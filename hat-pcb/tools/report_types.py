#!/usr/bin/env python3
"""Prints what a JSON report of kicad-cli holds, one line for each kind: `report_types.py REPORT.json`.

With a kind and a word, `report_types.py REPORT.json KIND WORD`, it exits with 0 if a finding of that kind names the word.
"""

from __future__ import annotations

import collections
import json
import sys


def main() -> None:
    """Command line."""
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    if len(sys.argv) > 2:
        listed = [v for part in ("violations", "unconnected_items", "schematic_parity") for v in report.get(part, [])]
        sys.exit(0 if any(v["type"] == sys.argv[2] and sys.argv[3] in json.dumps(v) for v in listed) else 1)
    found: collections.Counter[str] = collections.Counter()
    for part in ("violations", "unconnected_items", "schematic_parity"):
        found.update(v["type"] for v in report.get(part, []))
    for sheet in report.get("sheets", []):
        found.update(v["type"] for v in sheet["violations"])
    for kind, count in sorted(found.items()):
        print(f"{kind}: {count}")


if __name__ == "__main__":
    main()
