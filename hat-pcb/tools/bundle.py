#!/usr/bin/env python3
"""Packs a folder into a ZIP that is the same for the same content: `bundle.py FOLDER OUT.zip`."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path


def main() -> None:
    """Command line."""
    with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(Path(sys.argv[1]).iterdir()):
            info = zipfile.ZipInfo(file.name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, file.read_bytes())


if __name__ == "__main__":
    main()
