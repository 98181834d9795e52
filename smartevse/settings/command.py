"""`smartevse settings`: the same table as the menu, the same checks and sentences, for a shell.

A running station takes a change at once; nothing needs to be restarted.
"""

from __future__ import annotations

import argparse
import os
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from smartevse.config import DEFAULT_PATH, EXIT_CONFIG, ConfigError, load
from smartevse.settings.rows import TABLE
from smartevse.settings.store import Store, StoreError
from smartevse.settings.table import SettingsError, Value
from smartevse.settings.values import Values

EXIT_REFUSED = 1

_Command = Callable[[Store, argparse.Namespace], None]


def main(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Run `smartevse settings` with these arguments; 0 done, 1 refused, 2 usage, 78 bad configuration."""
    arguments = _parser().parse_args(argv)
    try:
        directory = load(arguments.config, environ).state_directory
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EXIT_CONFIG
    store = Store(directory, create=arguments.writes)
    try:
        command: _Command = arguments.command
        for notice in store.take_notices():
            print(notice, file=sys.stderr)
        command(store, arguments)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return EXIT_REFUSED
    finally:
        store.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="smartevse settings", description="Read and change what the owner sets in the menu."
    )
    words = f"the machine's configuration (default: {DEFAULT_PATH})"
    parser.add_argument("--config", type=Path, default=DEFAULT_PATH, help=words)
    commands = parser.add_subparsers(required=True, metavar="list|get|set|export|import")

    def command(name: str, run: _Command, text: str, *, writes: bool = False) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(command=run, writes=writes)
        # also after the command's name; there without a default, which would undo one given before it
        one.add_argument("--config", type=Path, default=argparse.SUPPRESS, help=words)
        return one

    command("list", _list, "every setting with its value, its range and what it is for")
    one = command("get", _get, "the value of one setting")
    one.add_argument("name", help='in the words of the manual, such as MAX or "EV METER"')
    one = command("set", _set, "change settings; several at once are checked and kept together", writes=True)
    one.add_argument("pairs", nargs="+", metavar="NAME VALUE", help='such as MAX 16, or "EV METER" Eastron')
    one = command("export", _export, "write all settings as TOML")
    one.add_argument("file", nargs="?", type=Path, help="where to; without it to standard output")
    one = command("import", _import, "take settings from a file that export wrote, all or none", writes=True)
    one.add_argument("file", type=Path)
    return parser


def _list(store: Store, _: argparse.Namespace) -> None:
    shown = TABLE.visible(store.values.choices)
    for row in TABLE.rows:
        hidden = "" if row in shown else " (not in the menu now: without effect)"
        print(f"{row.name:<10} {row.text(store.values[row.key]):<12} {row.kind.allowed}{hidden}")
        print(f"{'':<10} {row.help}")


def _get(store: Store, arguments: argparse.Namespace) -> None:
    row = TABLE.find(arguments.name)
    print(row.text(store.values[row.key]))


def _set(store: Store, arguments: argparse.Namespace) -> None:
    pairs: list[str] = arguments.pairs
    if len(pairs) % 2:
        raise SettingsError(
            f"{pairs[-1]!r} has no value: give each setting a value, and quotes to a name of two words, such as"
            f' set MAX 16 "EV METER" Eastron'
        )
    _change(store, dict(zip(pairs[::2], pairs[1::2], strict=True)))


def _export(store: Store, arguments: argparse.Namespace) -> None:
    text = "".join(f'"{row.name}" = "{row.text(store.values[row.key])}"\n' for row in TABLE.rows)
    file: Path | None = arguments.file
    if file is None:
        print(text, end="")
        return
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise SettingsError(f"cannot write {file} ({error.strerror}): name a file in a writable directory") from error


def _import(store: Store, arguments: argparse.Namespace) -> None:
    file: Path = arguments.file
    try:
        tree = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read {file} ({error.strerror}): name a file that export wrote") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not valid TOML ({error}): correct that line; nothing was changed") from error
    wrong = next((name for name, value in tree.items() if type(value) not in (str, int)), None)
    if wrong is not None:
        raise SettingsError(f"{file} has no plain value for {wrong!r}: write a text or a number; nothing was changed")
    try:
        _change(store, {name: str(value) for name, value in tree.items()})
    except StoreError:
        raise
    except SettingsError as error:
        raise SettingsError(f"{file}: {error}; nothing was changed") from error


def _change(store: Store, texts: Mapping[str, str]) -> None:
    """Parse, check as a whole, keep, and say what is different now."""
    changes: dict[str, Value] = {}
    for name, text in texts.items():
        row = TABLE.find(name)
        changes[row.key] = row.parse(text)
    before: Values = store.values
    after = store.save(changes)
    for key in after.different(before):
        row = TABLE.row(key)
        print(f"{row.name}: {row.text(before[key])} -> {row.text(after[key])}")
