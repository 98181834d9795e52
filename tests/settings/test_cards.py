from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from smartevse.settings.cards import FILE_NAME, MOST, CardList
from smartevse.settings.store import StoreError

ONE, TWO, LONG = bytes.fromhex("04a1b2c3"), bytes.fromhex("04a1b2c4"), bytes.fromhex("04a1b2c3d4e5f6")


def test_what_was_learned_is_there_after_a_restart(tmp_path: Path) -> None:
    cards = CardList(tmp_path / "made" / "here")
    for number in (ONE, TWO, LONG, LONG):
        cards.add(number)
    cards.remove(TWO)
    cards.remove(TWO)
    cards.close()
    again = CardList(tmp_path / "made" / "here")
    assert again.numbers == {ONE, LONG}
    assert again.take_notices() == ()
    again.clear()
    again.close()
    assert CardList(tmp_path / "made" / "here").numbers == frozenset()


def test_the_last_place_is_a_place_too_and_one_more_is_refused(tmp_path: Path) -> None:
    cards = CardList(tmp_path)
    numbers = [number.to_bytes(4, "big") for number in range(MOST + 1)]
    for number in numbers[:MOST]:
        cards.add(number)
    with pytest.raises(ValueError, match="has 100 already: delete one first"):
        cards.add(numbers[MOST])
    cards.add(numbers[0])
    assert cards.numbers == set(numbers[:MOST])
    cards.close()
    assert CardList(tmp_path).numbers == set(numbers[:MOST])


@pytest.mark.parametrize("garbage", [b"not a database" * 100, b"SQLite format 3\0" + os.urandom(4080)])
def test_a_damaged_list_is_set_aside_said_and_empty(tmp_path: Path, garbage: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(garbage)
    cards = CardList(tmp_path)
    assert cards.numbers == frozenset()
    (notice,) = cards.take_notices()
    assert "was damaged" in notice
    assert notice.endswith("set aside as cards.db.damaged-1: no card is known now, learn them again")
    assert (tmp_path / "cards.db.damaged-1").read_bytes() == garbage
    cards.add(ONE)
    cards.close()
    assert CardList(tmp_path).numbers == {ONE}


def test_a_list_that_is_damaged_while_we_run_is_written_again_from_memory(tmp_path: Path) -> None:
    cards = CardList(tmp_path)
    cards.add(ONE)
    path = tmp_path / FILE_NAME
    path.write_bytes(b"x" * path.stat().st_size)
    cards.add(TWO)
    assert "written again from memory" in " ".join(cards.take_notices())
    cards.close()
    assert CardList(tmp_path).numbers == {ONE, TWO}


def test_a_list_that_was_removed_while_we_run_is_written_again(tmp_path: Path) -> None:
    cards = CardList(tmp_path)
    cards.add(ONE)
    (tmp_path / FILE_NAME).unlink()
    cards.add(TWO)
    cards.close()
    assert CardList(tmp_path).numbers == {ONE, TWO}


def test_a_list_that_cannot_be_written_stays_as_it_is_and_says_why(tmp_path: Path) -> None:
    cards = CardList(tmp_path)
    cards.add(ONE)
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="nothing was changed"):
        cards.add(TWO)
    other.execute("ROLLBACK")
    other.close()
    assert cards.numbers == {ONE}
    cards.add(TWO)
    assert cards.numbers == {ONE, TWO}
    cards.close()


def test_a_place_that_cannot_be_had_is_said_and_nobody_is_known(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cards = CardList(tmp_path / "file" / "state")
    assert cards.numbers == frozenset()
    assert "cannot be made" in cards.take_notices()[0]
    with pytest.raises(StoreError, match="make it writable"):
        cards.add(ONE)


_WRITER = """
import sys
from pathlib import Path
from smartevse.settings.cards import CardList
cards = CardList(Path(sys.argv[1]))
for number in range(10**6):
    cards.add((number % 90).to_bytes(4, "big")); cards.add(bytes(3) + b"\\xff" + bytes(3))
    print(number, flush=True)
    cards.remove((number % 90).to_bytes(4, "big")); cards.remove(bytes(3) + b"\\xff" + bytes(3))
"""


@pytest.mark.parametrize("after", [1, 5, 9])
def test_a_power_cut_leaves_the_list_before_or_after_a_change(tmp_path: Path, after: int) -> None:
    before = CardList(tmp_path)
    before.add(LONG)
    before.close()
    with subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for _ in range(after):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
    cards = CardList(tmp_path)
    assert LONG in cards.numbers
    assert len(cards.numbers) <= 3
    assert cards.take_notices() == ()
