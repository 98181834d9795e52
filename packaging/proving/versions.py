"""Other versions of the package, for what an upgrade must bear."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path


def variant(package: Path, suffix: str, replaced: Mapping[str, str], appended: Mapping[str, str] | None = None) -> Path:
    """The same package with a higher version and other texts in some files ("usr/lib/..." without the first slash)."""
    folder = Path(tempfile.mkdtemp(prefix="variant.", dir=package.parent))
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(tree)], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^(Version: .*)$", rf"\1{suffix}", control.read_text("utf-8")), "utf-8")
    for name, text in replaced.items():
        assert (tree / name).exists(), f"the package has no {name}"
        (tree / name).write_text(text, "utf-8")
    for name, text in (appended or {}).items():
        with (tree / name).open("a", encoding="utf-8") as file:
            file.write(text)
    target = folder / "variant.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", str(tree), str(target)], check=True, capture_output=True
    )
    return target
