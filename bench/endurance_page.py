"""Writes the page."""

from pathlib import Path


def write(path: Path) -> bool:
    raise NotImplementedError
