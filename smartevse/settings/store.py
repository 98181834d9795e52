"""Keeps the settings in SQLite: every save is one transaction on the card, so a power cut leaves the old or the new.

Only what the owner changed is stored, by key. Keys of a newer version are kept and ignored. Whatever is wrong with
the file, there are always valid values, and a sentence for the journal that says what was done.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path

from smartevse.settings.rows import TABLE
from smartevse.settings.table import SettingsError, Table, Value
from smartevse.settings.values import Values

FILE_NAME = "settings.db"
BUSY_MS = 2000
"""How long a save waits for another program that is writing; a poll never waits."""
RETRY_POLLS = 40
"""After so many polls a store that could not be opened is tried again (10 s at four polls a second)."""

_SCHEMA = "CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"
_DAMAGED = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
"""What SQLite reports for a file that is no (longer a) settings database of ours."""
_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged file can raise: the module also fails to decode SQLite's message when that quotes garbage."""


class StoreError(SettingsError):
    """The settings cannot be kept; the text says where, why and what to do."""


class Store:
    """The settings of one state directory; may be used from any thread, one call at a time goes to the file."""

    def __init__(self, directory: Path, table: Table = TABLE, *, create: bool = True) -> None:
        """Open the store; never raises: what went wrong is in `take_notices`, `values` are always valid.

        `create`: make directory and file where there are none, rather than just have the defaults.
        """
        self._path = directory / FILE_NAME
        self._table = table
        self._create = create
        self._lock = threading.Lock()
        self._notices: list[str] = []
        self._values = Values(table.defaults())
        self._db: sqlite3.Connection | None = None
        self._inode = 0
        """Of the file that `values` were read from; 0 while there was none."""
        self._version = -1
        self._polls = 0
        self._problem = ""
        self._rescue: dict[str, Value] = {}
        self._unknown: frozenset[str] = frozenset()
        """Stored keys that the table does not have and that were told of."""
        with self._lock:
            self._open()

    @property
    def values(self) -> Values:
        """The values as they were last read or saved."""
        return self._values

    @property
    def kept(self) -> bool:
        """Whether there is a file at all; without one the values last until the program ends."""
        return self._db is not None

    def take_notices(self) -> tuple[str, ...]:
        """The sentences for the journal since the last call."""
        with self._lock:
            notices, self._notices = tuple(self._notices), []
        return notices

    def poll(self) -> Values | None:
        """The new values when another program changed them, else None; cheap and never waits, call it often."""
        with self._lock:
            before = self._values
            try:
                if self._db is None or self._replaced():
                    self._polls += 1
                    if self._db is not None or self._polls >= RETRY_POLLS:
                        self._open()
                elif self._data_version() != self._version:
                    self._read()
            except _ERRORS as error:
                if _primary(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    return None  # another program is writing: the next poll will see it
                self._open()
            return self._values if self._values != before else None

    def save(self, changes: Mapping[str, Value]) -> Values:
        """Keep these values together with what is stored now, and return all values as they are then.

        Raises SettingsError when the result is not valid as a whole, StoreError when it cannot be written;
        in both cases nothing was changed.
        """
        with self._lock:
            if self._db is None or self._replaced():
                self._open()
            if self._db is None:
                raise StoreError(f"the settings cannot be kept: {self._problem}")
            for last in (False, True):
                try:
                    return self._write(self._db, changes)
                except _ERRORS as error:
                    if not last and _primary(error) in _DAMAGED:
                        self._open()  # sets the damaged file aside and writes what memory knows
                        if self._db is not None:
                            continue
                    raise StoreError(
                        f"cannot write the settings to {self._path} ({error}): check that the disk is not full and"
                        f" that this user may write there; nothing was changed"
                    ) from error
            raise AssertionError("the loop above returns or raises")

    def close(self) -> None:
        """Give the file back; `values` stay readable."""
        with self._lock:
            self._close()

    def _write(self, db: sqlite3.Connection, changes: Mapping[str, Value]) -> Values:
        db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        try:
            db.execute("BEGIN IMMEDIATE")
            try:
                values = Values(self._valid(self._rows(db), say=False)).changed(changes)
                self._table.check(values.choices)
                db.executemany(
                    "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    [(key, str(value)) for key, value in changes.items()],
                )
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
        finally:
            db.execute("PRAGMA busy_timeout = 0")
        self._values = values
        return values

    def _open(self) -> None:
        """Open the file in the best way that is possible and read it; leaves no connection when there is none."""
        self._close()
        self._polls = 0
        if not self._create and not self._path.exists():
            self._problem = f"there is no {self._path}"
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._give_up(f"the directory {self._path.parent} cannot be made ({error.strerror})")
            return
        if not self._writable() and self._read_only():
            return
        for _ in range(2):
            try:
                self._connect()
                return
            except _ERRORS as error:
                self._close()
                code = _primary(error)
                if code in _DAMAGED and self._set_aside(str(error)):
                    continue
                self._give_up(f"{self._path} cannot be opened ({error})")
                return

    def _connect(self) -> None:
        """Open for writing, check, create what is missing, read."""
        stat = _stat(self._path)
        if stat is not None and stat.st_size == 0:
            self._say(f"the settings in {self._path} are empty: every setting is at its default, check MAX")
        elif self._inode and not self._rescue and (stat is None or stat.st_ino != self._inode):
            self._say(f"{self._path} was removed or replaced: what is in it now is in effect, check MAX")
        db = self._db = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
        db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA synchronous = EXTRA")  # FULL, and the directory too: a commit that returned stays
        self._check_file(db)
        db.execute("BEGIN IMMEDIATE")  # also tells whether the file may be written
        db.execute(_SCHEMA)
        db.execute("COMMIT")
        db.execute("PRAGMA busy_timeout = 0")
        if stat is None:
            _give_to_owner(self._path)
        if self._rescue:
            self._write(db, self._rescue)
            self._rescue = {}
        self._read()
        self._problem = ""

    def _writable(self) -> bool:
        """Whether file and directory may be written; SQLite itself tells only at the first write."""
        return os.access(self._path.parent, os.W_OK) and (not self._path.exists() or os.access(self._path, os.W_OK))

    def _read_only(self) -> bool:
        """Open for reading alone, as on a card that went read-only: the owner's values still count."""
        try:
            self._db = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
            )
            self._check_file(self._db)
            self._read()
        except _ERRORS:
            self._close()
            return False
        self._say(
            f"the settings in {self._path} can be read but not written: changes last until the next start;"
            f" make the file and its directory writable"
        )
        return True

    def _check_file(self, db: sqlite3.Connection) -> None:
        """Raise what SQLite raises for a damaged file when its pages do not agree."""
        result = db.execute("PRAGMA quick_check(1)").fetchone()
        if result is None or result[0] != "ok":
            damage = sqlite3.DatabaseError(str(result[0]) if result else "no answer to the check")
            damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damage

    def _set_aside(self, why: str) -> bool:
        """Rename a damaged file, so that it can be looked at; False when not even that is possible."""
        number = 1
        while (aside := self._path.with_name(f"{FILE_NAME}.damaged-{number}")).exists():
            number += 1
        try:
            # the journal first: it must never be applied to the new file
            journal = self._path.with_name(f"{FILE_NAME}-journal")
            if journal.exists():
                journal.rename(aside.with_name(f"{aside.name}-journal"))
            self._path.rename(aside)
        except OSError as error:
            self._say(f"the damaged settings in {self._path} cannot be set aside ({error.strerror})")
            return False
        if self._inode:  # they were read before the damage: memory knows them
            defaults = self._table.defaults()
            self._rescue = {key: value for key, value in self._values.choices.items() if value != defaults[key]}
        now = "they are written again from memory" if self._inode else "every setting is at its default, set them again"
        self._say(f"the settings in {self._path} were damaged ({why}) and are set aside as {aside.name}: {now}")
        return True

    def _give_up(self, why: str) -> None:
        self._problem = f"{why}; make it writable for this user"
        self._say(f"{why}: the settings in effect last until the next start; make it writable for this user")

    def _say(self, sentence: str) -> None:
        if sentence not in self._notices:
            self._notices.append(sentence)

    def _read(self) -> None:
        """Take over what is stored."""
        if self._db is None:
            return
        stat = _stat(self._path)
        self._inode = stat.st_ino if stat else 0
        self._version = self._data_version()
        rows = self._rows(self._db)
        self._values = Values(self._valid(rows, say=True))
        unknown = rows.keys() - self._values.choices.keys()
        if not unknown <= self._unknown:
            self._say(
                f"{self._path} has settings that this version does not know ({', '.join(sorted(unknown))[:200]}):"
                f" they have no effect and are kept for the version that does"
            )
        self._unknown = frozenset(unknown)

    def _rows(self, db: sqlite3.Connection) -> dict[str, str]:
        return {str(key): str(value) for key, value in db.execute("SELECT key, value FROM settings")}

    def _valid(self, rows: Mapping[str, str], say: bool) -> dict[str, Value]:
        """Every setting: what is stored where that is valid, else the default."""
        choices = self._table.defaults()
        for row in self._table.rows:
            if row.key not in rows:
                continue
            value = row.kind.load(rows[row.key])
            if value is not None:
                choices[row.key] = value
            elif say:
                self._say(
                    f"{row.name} is stored as {rows[row.key]!r} in {self._path}, but must be {row.kind.allowed}:"
                    f" it is {row.text(row.default)} now"
                )
        while (found := self._table.contradiction(choices)) is not None:
            rule, sentence = found
            reset = {key: self._table.row(key).default for key in rule.keys}
            if all(choices[key] == value for key, value in reset.items()):
                choices = self._table.defaults()  # it takes more than these to agree again
            choices.update(reset)
            if say:
                names = " and ".join(self._table.row(key).name for key in rule.keys)
                self._say(
                    f"the settings in {self._path} contradict each other ({sentence}): {names} are at default now"
                )
        return choices

    def _data_version(self) -> int:
        """A number that changes when another connection wrote."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0]) if self._db else -1

    def _replaced(self) -> bool:
        """Whether the file that is open is no longer the one of that name."""
        stat = _stat(self._path)
        return stat is None or stat.st_ino != self._inode

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None


def _primary(error: Exception) -> int:
    """SQLite's primary result code; what the module itself reports, text that is no UTF-8, has none and is damage."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)) & 0xFF


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _give_to_owner(path: Path) -> None:
    """A file made by root belongs to the owner of its directory, so that the service may write it later."""
    owner = path.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid)
