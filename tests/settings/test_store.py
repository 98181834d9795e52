from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from smartevse.settings.rows import TABLE
from smartevse.settings.store import FILE_NAME, RETRY_POLLS, Store, StoreError
from smartevse.settings.table import SettingsError, Value
from smartevse.settings.values import default_values
from tests.settings.tables import WITH_RULES


def put(path: Path, key: str, value: str) -> None:
    db = sqlite3.connect(path)
    with db:
        db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, value))
    db.close()


def rows(path: Path) -> dict[str, str]:
    db = sqlite3.connect(path)
    found = dict(db.execute("SELECT key, value FROM settings"))
    db.close()
    return found


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The file of a store in which everything differs from the defaults."""
    store = Store(tmp_path)
    store.save({"config": "fixed", "max": 32, "ev_meter": "eastron", "ev_adr": 20})
    store.close()
    return tmp_path / FILE_NAME


def test_a_new_store_has_the_defaults_and_nothing_to_say(tmp_path: Path) -> None:
    store = Store(tmp_path / "made" / "here")
    assert store.values == default_values()
    assert store.kept
    assert store.take_notices() == ()
    store.close()


def test_what_was_saved_is_there_after_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save({"max": 16})
    store.save({"ev_meter": "eastron"})
    store.close()
    again = Store(tmp_path)
    assert again.values == default_values().changed({"max": 16, "ev_meter": "eastron"})
    again.close()


def test_only_what_was_set_is_stored_so_that_a_new_default_counts(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save({"max": 16})
    store.close()
    assert rows(tmp_path / FILE_NAME) == {"max": "16"}


@pytest.mark.parametrize("changes", [{"max": 5}, {"config": "sokcet"}, {"max": "16"}])
def test_an_invalid_value_is_not_saved(tmp_path: Path, changes: dict[str, int | str]) -> None:
    store = Store(tmp_path)
    store.save({"max": 20})
    with pytest.raises(SettingsError):
        store.save({"ev_adr": 30, **changes})
    assert store.values == default_values().changed({"max": 20})
    store.close()
    assert rows(tmp_path / FILE_NAME) == {"max": "20"}


def test_a_save_is_checked_together_with_what_another_program_saved(tmp_path: Path) -> None:
    menu, shell = Store(tmp_path, WITH_RULES), Store(tmp_path, WITH_RULES)
    shell.save({"min": 16, "max": 20})
    with pytest.raises(SettingsError, match="below MIN 16 A"):
        menu.save({"max": 10})
    assert menu.poll() == shell.values
    menu.close()
    shell.close()


def test_a_change_of_another_program_is_seen_once(tmp_path: Path) -> None:
    station, shell = Store(tmp_path), Store(tmp_path)
    assert station.poll() is None
    shell.save({"max": 16})
    assert station.poll() == default_values().changed({"max": 16})
    assert station.poll() is None
    station.save({"max": 10})
    assert station.poll() is None
    assert shell.poll() == default_values().changed({"max": 10})
    station.close()
    shell.close()


def test_two_programs_saving_different_settings_lose_none(tmp_path: Path) -> None:
    station, shell = Store(tmp_path), Store(tmp_path)
    shell.save({"max": 16})
    assert station.save({"ev_adr": 20}) == default_values().changed({"max": 16, "ev_adr": 20})
    station.close()
    shell.close()


def test_a_poll_does_not_wait_for_a_program_that_is_writing(saved: Path) -> None:
    station = Store(saved.parent)
    writer = sqlite3.connect(saved, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    writer.execute("UPDATE settings SET value = '40' WHERE key = 'max'")
    assert station.poll() is None
    assert station.values["max"] == 32
    writer.execute("COMMIT")
    values = station.poll()
    assert values is not None
    assert values["max"] == 40
    assert station.take_notices() == ()
    writer.close()
    station.close()


def test_keys_of_a_newer_version_are_kept_and_ignored_and_it_is_said_once(saved: Path) -> None:
    put(saved, "warp_drive", "on")
    store = Store(saved.parent)
    assert "warp_drive" not in store.values.choices
    (sentence,) = store.take_notices()
    assert "does not know (warp_drive)" in sentence
    store.save({"max": 10})
    writer = Store(saved.parent)
    writer.save({"max": 12})
    writer.close()
    assert store.poll() is not None
    assert store.take_notices() == ()
    store.close()
    assert rows(saved)["warp_drive"] == "on"


@pytest.mark.parametrize(("key", "text"), [("max", "81"), ("max", "0x10"), ("max", ""), ("config", "Socket?")])
def test_an_invalid_stored_value_is_the_default_and_it_is_said(saved: Path, key: str, text: str) -> None:
    put(saved, key, text)
    store = Store(saved.parent)
    assert store.values[key] == TABLE.row(key).default
    assert store.values["ev_adr"] == 20
    (notice,) = store.take_notices()
    assert TABLE.row(key).name in notice
    assert repr(text) in notice
    assert TABLE.row(key).kind.allowed in notice
    store.close()


def test_stored_values_that_contradict_each_other_are_at_default_and_it_is_said(tmp_path: Path) -> None:
    Store(tmp_path, WITH_RULES).close()
    put(tmp_path / FILE_NAME, "min", "16")
    put(tmp_path / FILE_NAME, "mode", "solar")
    store = Store(tmp_path, WITH_RULES)
    assert store.values.choices == {**WITH_RULES.defaults(), "mode": "solar"}
    (notice,) = store.take_notices()
    assert "MAX 13 A is below MIN 16 A" in notice
    assert "MIN and MAX are at default now" in notice
    store.close()


@pytest.mark.parametrize("garbage", [b"garbage", b"\0" * 8192, os.urandom(5000), b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_damaged_file_is_set_aside_and_the_station_goes_on_with_defaults(tmp_path: Path, garbage: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(garbage)
    store = Store(tmp_path)
    assert store.values == default_values()
    (notice,) = store.take_notices()
    assert "damaged" in notice
    assert (tmp_path / f"{FILE_NAME}.damaged-1").read_bytes() == garbage
    assert store.save({"max": 16})["max"] == 16
    store.close()


def test_the_journal_of_a_damaged_file_never_gets_near_the_new_one(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    db.executescript("CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID; BEGIN")
    db.execute("INSERT INTO settings VALUES ('max', '80')")
    db.execute("PRAGMA cache_spill = 1")
    journal = (tmp_path / f"{FILE_NAME}-journal").read_bytes()
    db.close()
    (tmp_path / FILE_NAME).write_bytes(b"garbage" * 1000)
    (tmp_path / f"{FILE_NAME}-journal").write_bytes(journal)
    store = Store(tmp_path)
    assert store.values == default_values()
    store.close()
    assert not (tmp_path / f"{FILE_NAME}-journal").exists()
    assert (tmp_path / f"{FILE_NAME}.damaged-1-journal").read_bytes() == journal


def test_damaged_files_do_not_replace_each_other(tmp_path: Path) -> None:
    for garbage in (b"one", b"two"):
        (tmp_path / FILE_NAME).write_bytes(garbage)
        Store(tmp_path).close()
    assert [(tmp_path / f"{FILE_NAME}.damaged-{n}").read_bytes() for n in (1, 2)] == [b"one", b"two"]


def test_a_file_cut_off_anywhere_gives_the_old_values_or_says_that_it_does_not(saved: Path) -> None:
    whole = saved.read_bytes()
    kept = Store(saved.parent).values
    for size in range(0, len(whole), 512):
        directory = saved.parent / str(size)
        directory.mkdir()
        (directory / FILE_NAME).write_bytes(whole[:size])
        store = Store(directory)
        assert store.values in (kept, default_values())
        assert (store.take_notices() == ()) == (store.values == kept)
        assert store.save({"max": 16})["max"] == 16
        store.close()


def test_a_byte_that_flipped_anywhere_never_raises_and_never_gives_an_invalid_setting(saved: Path) -> None:
    whole = saved.read_bytes()
    for place in range(0, len(whole), 61):
        directory = saved.parent / str(place)
        directory.mkdir()
        flipped = bytearray(whole)
        flipped[place] ^= 0xFF
        (directory / FILE_NAME).write_bytes(flipped)
        store = Store(directory)
        TABLE.check(store.values.choices)
        TABLE.check(store.save({"max": 16}).choices)
        store.close()


def test_a_file_that_is_replaced_while_the_station_runs_is_read_again(
    saved: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    station = Store(saved.parent)
    other = tmp_path_factory.mktemp("other")
    shell = Store(other)
    shell.save({"max": 6})
    shell.close()
    (other / FILE_NAME).rename(saved)
    assert station.poll() == default_values().changed({"max": 6})
    (notice,) = station.take_notices()
    assert "removed or replaced" in notice
    station.close()


def test_a_file_that_is_damaged_while_the_station_runs_is_written_again_from_memory(saved: Path) -> None:
    station = Store(saved.parent)
    before = station.values
    saved.write_bytes(b"garbage" * 1000)
    assert station.poll() is None
    (notice,) = station.take_notices()
    assert "written again from memory" in notice
    assert station.values == before
    station.close()
    again = Store(saved.parent)
    assert again.values == before
    again.close()


def test_without_a_usable_directory_the_defaults_last_until_the_end_and_it_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    store = Store(blocked)
    assert store.values == default_values()
    assert not store.kept
    (notice,) = store.take_notices()
    assert str(blocked) in notice
    assert "last until the next start" in notice
    with pytest.raises(StoreError, match="cannot be kept"):
        store.save({"max": 16})
    blocked.unlink()
    assert not any(store.poll() for _ in range(RETRY_POLLS))
    assert store.kept
    assert store.save({"max": 16})["max"] == 16
    store.close()


def test_a_directory_in_the_place_of_the_file_is_said_and_survived(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    store = Store(tmp_path)
    assert store.values == default_values()
    assert len(store.take_notices()) == 1
    store.close()


_READER = """
import os, sys
from pathlib import Path
from smartevse.settings.store import Store, StoreError
if os.geteuid() == 0:  # root may write everywhere
    os.setgid(65534)
    os.setuid(65534)
store = Store(Path(sys.argv[1]))
print(store.values["max"], store.kept, store.poll())
print(*store.take_notices(), sep="|")
try:
    store.save({"max": 16})
except StoreError as error:
    print(error)
"""


def test_a_file_that_may_only_be_read_still_gives_its_values() -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        store = Store(directory)
        store.save({"max": 32})
        store.close()
        (directory / FILE_NAME).chmod(0o444)
        directory.chmod(0o555)
        try:
            output = subprocess.run([sys.executable, "-c", _READER, name], capture_output=True, text=True, check=True)
        finally:
            directory.chmod(0o755)
    values, notice, refusal = output.stdout.splitlines()
    assert values == "32 True None"
    assert "can be read but not written" in notice
    assert "nothing was changed" in refusal


def test_a_save_that_the_file_refuses_changes_nothing_and_says_why(saved: Path) -> None:
    db = sqlite3.connect(saved)
    when = "BEFORE INSERT ON settings WHEN new.key = 'ev_adr'"
    db.execute(f"CREATE TRIGGER full {when} BEGIN SELECT RAISE(ABORT, 'no'); END")
    db.close()
    store = Store(saved.parent)
    with pytest.raises(StoreError, match="nothing was changed"):
        store.save({"max": 10, "ev_adr": 99})
    assert (store.values["max"], rows(saved)["max"]) == (32, "32")
    assert store.save({"max": 10})["max"] == 10
    store.close()


def test_a_save_into_a_file_that_was_damaged_meanwhile_is_not_lost(saved: Path) -> None:
    store = Store(saved.parent)
    saved.write_bytes(b"garbage" * 1000)
    assert store.save({"max": 10}) == default_values().changed(
        {"config": "fixed", "max": 10, "ev_meter": "eastron", "ev_adr": 20}
    )
    store.close()
    assert rows(saved) == {"config": "fixed", "max": "10", "ev_meter": "eastron", "ev_adr": "20"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_made_by_root_belongs_to_the_service_that_owns_the_directory(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    store = Store(tmp_path)
    store.save({"max": 10})
    store.close()
    assert (tmp_path / FILE_NAME).stat().st_uid == 65534


_WRITER = """
import sys
from collections.abc import Mapping
from pathlib import Path
from smartevse.settings.store import Store
store = Store(Path(sys.argv[1]))
store.save({"max": 32, "ev_adr": 32, "ev_meter": "disabled"})
print("ready", flush=True)
while True:
    store.save({"max": 16, "ev_adr": 16, "ev_meter": "eastron"})
    store.save({"max": 32, "ev_adr": 32, "ev_meter": "disabled"})
"""


def test_a_writer_that_is_killed_leaves_the_old_or_the_new_never_a_mixture(tmp_path: Path) -> None:
    whole: tuple[Mapping[str, Value], ...] = (
        {"max": 16, "ev_adr": 16, "ev_meter": "eastron"},
        {"max": 32, "ev_adr": 32, "ev_meter": "disabled"},
    )
    for kill in range(4):
        with subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            station = Store(tmp_path)
            for _ in range(kill * 11):
                station.poll()
            writer.send_signal(signal.SIGKILL)
        station.close()
        after = Store(tmp_path)
        assert after.values in tuple(default_values().changed(pair) for pair in whole)
        assert after.take_notices() == ()
        after.close()
