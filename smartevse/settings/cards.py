"""Keeps the list of known cards beside the settings: each change is one SQLite transaction, whole after a power cut.

A damaged list is set aside and said; what memory still knows of it is written again. A list that cannot be read at all
is an empty one: then nobody is let in by mistake.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

from smartevse.settings.store import StoreError

FILE_NAME = "cards.db"
MOST = 100
"""How many cards a list has at most; the manual asks for 20."""
BUSY_MS = 2000

_SCHEMA = "CREATE TABLE IF NOT EXISTS cards (number BLOB PRIMARY KEY CHECK (typeof(number) = 'blob')) WITHOUT ROWID"
_DAMAGED = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged file can raise: the module also fails to decode SQLite's message when that quotes garbage."""


class CardList:
    """The cards of one state directory. `numbers` may be read from any thread; changes go to the file."""

    def __init__(self, directory: Path) -> None:
        """Open the list; never raises: what went wrong is in `take_notices`."""
        self._path = directory / FILE_NAME
        self._lock = threading.Lock()
        self._notices: list[str] = []
        self._numbers: frozenset[bytes] = frozenset()
        self._db: sqlite3.Connection | None = None
        self._inode = 0
        """Of the file that was read; 0 while there was none."""
        with self._lock:
            self._open()

    @property
    def numbers(self) -> frozenset[bytes]:
        """The known cards."""
        return self._numbers

    def take_notices(self) -> tuple[str, ...]:
        """The sentences for the journal since the last call."""
        with self._lock:
            notices, self._notices = tuple(self._notices), []
        return notices

    def add(self, number: bytes) -> None:
        """Learn a card; nothing happens when it is known.

        Raises ValueError when the list is full, StoreError when it cannot be written; the list is then as before.
        """
        if number not in self._numbers and len(self._numbers) >= MOST:
            raise ValueError(f"the list of cards has {MOST} already: delete one first")
        self._change(self._numbers | {number})

    def remove(self, number: bytes) -> None:
        """Forget a card; nothing happens when it is not known. Raises StoreError like `add`."""
        self._change(self._numbers - {number})

    def clear(self) -> None:
        """Forget all cards. Raises StoreError like `add`."""
        self._change(frozenset())

    def close(self) -> None:
        """Give the file back; `numbers` stay readable."""
        with self._lock:
            self._close()

    def _change(self, wanted: frozenset[bytes]) -> None:
        with self._lock:
            for last in (False, True):
                if self._db is None or self._replaced():
                    self._open()
                if self._db is None:
                    raise StoreError(f"the list of cards cannot be kept in {self._path}: make it writable; no change")
                try:
                    self._write(self._db, wanted)
                    return
                except _ERRORS as error:
                    if not last and _primary(error) in _DAMAGED:
                        self._open()
                        continue
                    raise StoreError(
                        f"cannot write the list of cards to {self._path} ({error}): check that the disk is not full"
                        f" and that this user may write there; nothing was changed"
                    ) from error

    def _write(self, db: sqlite3.Connection, wanted: frozenset[bytes]) -> None:
        try:
            db.execute("BEGIN IMMEDIATE")
            db.execute("DELETE FROM cards")
            db.executemany("INSERT INTO cards VALUES (?)", [(number,) for number in sorted(wanted)])
            db.execute("COMMIT")
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")
        self._numbers = wanted

    def _open(self) -> None:
        """Open the file in the best way that is possible and read it."""
        self._close()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._say(f"the directory {self._path.parent} cannot be made ({error.strerror}): make it writable")
            return
        for _ in range(2):
            try:
                self._connect()
                return
            except _ERRORS as error:
                self._close()
                if _primary(error) in _DAMAGED and self._set_aside(str(error)):
                    continue
                self._say(f"the list of cards {self._path} cannot be opened ({error}): make it writable for this user")
                return

    def _connect(self) -> None:
        new = not self._path.exists()
        db = self._db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA synchronous = EXTRA")  # FULL, and the directory too: a commit that returned stays
        found = db.execute("PRAGMA quick_check(1)").fetchone()
        if found is None or found[0] != "ok":
            damage = sqlite3.DatabaseError(str(found[0]) if found else "no answer to the check")
            damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damage
        db.execute(_SCHEMA)
        if new:
            _give_to_owner(self._path)
        if new and self._inode:  # damaged and set aside, or removed while we ran: memory knows the cards
            self._write(db, self._numbers)
        self._numbers = frozenset(bytes(number) for (number,) in db.execute("SELECT number FROM cards"))
        self._inode = self._path.stat().st_ino

    def _set_aside(self, why: str) -> bool:
        """Rename a damaged file, so that it can be looked at; False when not even that is possible."""
        number = 1
        while (aside := self._path.with_name(f"{FILE_NAME}.damaged-{number}")).exists():
            number += 1
        try:
            journal = self._path.with_name(f"{FILE_NAME}-journal")
            if journal.exists():  # first: it must never be applied to the new file
                journal.rename(aside.with_name(f"{aside.name}-journal"))
            self._path.rename(aside)
        except OSError as error:
            self._say(f"the damaged list of cards {self._path} cannot be set aside ({error.strerror})")
            return False
        now = "it is written again from memory" if self._inode else "no card is known now, learn them again"
        self._say(f"the list of cards {self._path} was damaged ({why}) and is set aside as {aside.name}: {now}")
        return True

    def _say(self, sentence: str) -> None:
        if sentence not in self._notices:
            self._notices.append(sentence)

    def _replaced(self) -> bool:
        """Whether the file that is open is no longer the one of that name."""
        try:
            return self._path.stat().st_ino != self._inode
        except OSError:
            return True

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None


def _primary(error: Exception) -> int:
    """SQLite's primary result code; what the module itself reports, text that is no UTF-8, has none and is damage."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)) & 0xFF


def _give_to_owner(path: Path) -> None:
    """A file made by root belongs to the owner of its directory, so that the service may write it later."""
    owner = path.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid)
