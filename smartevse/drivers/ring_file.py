"""A file of fixed records that is written round and round through a map, and put aside by its name, never copied.

For a real-time loop: it belongs on a tmpfs, a write is a copy of some bytes in memory, putting aside is two renames
and a map, and the next file is made in pieces, one a turn. What it holds outlives the program.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

RING, SPARE, SUFFIX = "ring.bin", "spare.bin", ".rec"
CRC_BYTES = 4
"""Each record ends with its CRC-32."""
PIECE_BYTES = 64 * 1024


class RingFile:
    """Tables of records behind a header: `tables` has the number of records and the bytes of a body for each."""

    def __init__(self, folder: Path, header: bytes, tables: Sequence[tuple[int, int]], keep: int, left_name: str):
        """Put what an earlier program left aside as `left_name`, and start anew; the newest `keep` files stay.

        Raises OSError when the folder cannot be made or used.
        """
        self._folder, self._header, self._keep = folder, header, keep
        self._starts, at = [], len(header)
        for count, size in tables:
            self._starts.append((at, count, size + CRC_BYTES))
            at += count * (size + CRC_BYTES)
        self._bytes = at
        folder.mkdir(mode=0o700, exist_ok=True)
        if self._holds_records():
            self._put_aside(left_name)
        for _ in self._make_spare():
            pass
        os.rename(folder / SPARE, folder / RING)
        self._map = self._open()
        self._chore: Iterator[None] | None = self._make_spare()
        self._spare_ready = False

    def put(self, table: int, number: int, body: bytes) -> None:
        """Write a record in its turn, over the oldest one of that table."""
        start, count, size = self._starts[table]
        at = start + number % count * size
        self._map[at : at + size] = body + crc32(body).to_bytes(CRC_BYTES, "little")

    def mark(self, at: int, data: bytes) -> None:
        """Write into the header."""
        self._map[at : at + len(data)] = data

    def turn(self) -> bool:
        """Do a piece of the work on the next file; True when there is none left."""
        if self._chore is None:
            return True
        try:
            next(self._chore)
        except StopIteration:
            self._chore, self._spare_ready = None, True
        except OSError:
            self._chore = None
        return False

    def put_aside(self, name: str) -> bool:
        """Keep the file under that name and go on with an empty one; False when that could not be, then ask again."""
        self._chore = self._make_spare()
        if not self._spare_ready:
            return False
        try:
            self._put_aside(name)
            os.rename(self._folder / SPARE, self._folder / RING)
            fresh = self._open()
        except OSError:
            return False
        self._map.close()
        self._map, self._spare_ready = fresh, False
        return True

    def close(self, name: str | None) -> None:
        """Keep the file under that name, or drop it."""
        self._map.close()
        try:
            if name is not None and self._holds_records():
                self._put_aside(name)
            for left in (RING, SPARE):
                (self._folder / left).unlink(missing_ok=True)
        except OSError:
            return  # the folder is gone, and the files with it

    def _put_aside(self, name: str) -> None:
        os.rename(self._folder / RING, self._folder / f"{name}{SUFFIX}")

    def _make_spare(self) -> Iterator[None]:
        """Drop the oldest files that were put aside, and make a new one.

        Its memory is taken now: a page that is missing when a full tmpfs is written through a map kills the program.
        """
        aside = sorted(name for name in os.listdir(self._folder) if name.endswith(SUFFIX))
        for name in aside[: -self._keep]:
            os.unlink(self._folder / name)
        yield
        file = os.open(self._folder / SPARE, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            for start in range(0, self._bytes, PIECE_BYTES):
                os.posix_fallocate(file, start, min(PIECE_BYTES, self._bytes - start))
                yield
            os.pwrite(file, self._header, 0)
        finally:
            os.close(file)

    def _open(self) -> mmap.mmap:
        with (self._folder / RING).open("r+b", buffering=0) as file:
            found = mmap.mmap(file.fileno(), self._bytes)
        # Every page is read: none is missing when a tick writes, and the program is as large at once as it will be.
        # MAP_POPULATE would not do: it leaves out what is locked at its first use.
        _ = found[:: mmap.PAGESIZE]
        return found

    def _holds_records(self) -> bool:
        """Whether a file is there in which something was written."""
        try:
            data = (self._folder / RING).read_bytes()
        except OSError:
            return False
        return any(data[len(self._header) :])
