"""Who may import whom, and how the files are kept: the table of the house style, held against the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "smartevse"

MAY_IMPORT: Mapping[str, set[str]] = {
    "core": set(),
    "drivers": set(),
    "settings": {"core", "config"},
    "physics": {"core", "hal.hat"},
    "hal": {"core", "drivers", "physics"},
    "guard": {"core", "drivers", "hal", "config"},
    "bus": {"core"},
    "panel": {"core", "settings", "drivers"},
    "twin": {"core", "hal.hat", "physics", "bus"},
    "recorder": {"core", "hal", "guard", "config"},
    "selftest": {"core", "settings", "drivers", "hal", "guard", "bus", "panel", "station", "config"},
    "scenario": {"core", "settings", "physics", "hal", "guard"},
    "station": {"core", "settings", "drivers", "hal", "guard.wire", "recorder.keep", "bus", "panel", "wifi", "config"},
    "wifi": set(),
    "config": set(),
    "cli": {"config"},
    "__main__": {"cli"},
}
PURE = ("core", "physics")
NOT_PURE = {"time", "datetime", "socket", "os", "threading", "asyncio", "logging", "subprocess", "pathlib", "sqlite3"}
FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The folder below the package, or the file's own name at the top."""
    inside = path.relative_to(PACKAGE).parts
    return inside[0] if len(inside) > 1 else path.stem


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_only_what_its_folder_may_import(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        return
    allowed = MAY_IMPORT[here] | {here}
    for name in imports(path):
        ours = name.removeprefix("smartevse.")
        if ours not in {name, "__version__"}:
            assert any(ours == a or ours.startswith(f"{a}.") for a in allowed), f"{here} must not import {name}"
        if here in PURE:
            assert name.split(".")[0] not in NOT_PURE, f"{here} is pure and must not import {name}"


def test_every_folder_has_a_row_and_every_row_a_folder() -> None:
    assert {room(path) for path in FILES} - {"__init__"} == set(MAY_IMPORT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_fits_in_two_minutes(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400


def code_lines(path: Path) -> int:
    """Lines that do something: no blank line, comment or docstring."""
    source = path.read_text("utf-8")
    texts: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            texts |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(source.splitlines(), 1)
    return sum(1 for at, line in lines if line.strip() and not line.strip().startswith("#") and at not in texts)


def test_the_guard_with_its_core_can_be_read_in_one_sitting() -> None:
    core = {"charger", "checks", "contactor", "faults", "lock", "pilot"}
    core |= {"proof", "proximity", "signals", "states", "tick", "view"}
    files = [*PACKAGE.glob("guard/*.py"), *(PACKAGE / "core" / f"{name}.py" for name in core)]
    assert sum(map(code_lines, files)) <= 1500


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nobody_catches_everything_to_go_on(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
            reraised = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            assert not broad or reraised, f"{path}:{node.lineno}"
