from pathlib import Path
from zlib import crc32

import pytest

from smartevse.drivers.ring_file import PIECE_BYTES, RING, SPARE, RingFile

HEADER = b"header..."
TABLES = ((4, 10), (2, PIECE_BYTES))


def ring_in(folder: Path) -> RingFile:
    return RingFile(folder, HEADER, TABLES, keep=2, left_name="left")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "rings"


def work(ring: RingFile) -> int:
    turns = 1
    while not ring.turn():
        turns += 1
    return turns


def record(folder: Path, name: str, number: int) -> bytes:
    """The body of a record of the first table; fails when its checksum does not fit."""
    data = (folder / name).read_bytes()[len(HEADER) + number * 14 :][:14]
    assert crc32(data[:10]) == int.from_bytes(data[10:], "little")
    return data[:10]


def test_records_go_round_and_are_in_the_file_at_once(folder: Path) -> None:
    ring = ring_in(folder)
    for number in range(6):
        ring.put(0, number, b"%010d" % number)
    assert [int(record(folder, RING, at)) for at in range(4)] == [4, 5, 2, 3]
    assert (folder / RING).read_bytes()[: len(HEADER)] == HEADER
    ring.mark(6, b"!")
    assert (folder / RING).read_bytes()[: len(HEADER)] == b"header!.."


def test_what_is_put_aside_stays_and_the_next_file_is_empty(folder: Path) -> None:
    ring = ring_in(folder)
    work(ring)
    ring.put(0, 1, b"1234567890")
    assert ring.put_aside("one")
    assert record(folder, "one.rec", 1) == b"1234567890"
    assert not any((folder / RING).read_bytes()[len(HEADER) :])
    ring.put(0, 1, b"abcdefghij")
    assert record(folder, RING, 1) == b"abcdefghij"
    assert record(folder, "one.rec", 1) == b"1234567890"


def test_the_next_file_is_made_in_pieces(folder: Path) -> None:
    ring = ring_in(folder)
    assert not ring.put_aside("too early")
    assert work(ring) >= 4
    assert (folder / SPARE).stat().st_size == (folder / RING).stat().st_size
    assert (folder / SPARE).stat().st_blocks * 512 >= (folder / RING).stat().st_size, "its memory is taken"


def test_without_room_for_the_next_file_the_ring_goes_on_until_there_is(folder: Path) -> None:
    ring = ring_in(folder)
    (folder / SPARE).mkdir()
    work(ring)
    assert not ring.put_aside("one")
    ring.put(0, 1, b"1234567890")
    (folder / SPARE).rmdir()
    work(ring)
    assert ring.put_aside("one")
    assert record(folder, "one.rec", 1) == b"1234567890"


def test_the_newest_stay(folder: Path) -> None:
    ring = ring_in(folder)
    for name in ("1", "2", "3", "4"):
        work(ring)
        assert ring.put_aside(name)
    work(ring)
    assert sorted(path.name for path in folder.glob("*.rec")) == ["3.rec", "4.rec"]


def test_what_a_killed_program_wrote_is_put_aside(folder: Path) -> None:
    ring_in(folder).put(0, 1, b"1234567890")
    ring_in(folder)
    assert record(folder, "left.rec", 1) == b"1234567890"
    assert [path.name for path in folder.glob("*.rec")] == ["left.rec"]


@pytest.mark.parametrize(
    ("name", "written", "left"), [("end", True, ["end.rec"]), ("end", False, []), (None, True, [])]
)
def test_at_the_end_it_is_kept_if_that_is_asked_and_something_is_in_it(
    folder: Path, name: str | None, written: bool, left: list[str]
) -> None:
    ring = ring_in(folder)
    if written:
        ring.put(0, 1, b"1234567890")
    ring.close(name)
    assert [path.name for path in folder.iterdir()] == left


def test_no_page_of_the_map_is_missing_when_a_tick_writes(folder: Path) -> None:
    ring = ring_in(folder)
    _, _, of_the_map = Path("/proc/self/smaps").read_text("utf-8").partition(f"{folder / RING}\n")
    kb = {line.split()[0]: int(line.split()[1]) for line in of_the_map.splitlines()[:8] if line.endswith(" kB")}
    assert kb["Rss:"] == kb["Size:"] >= 2 * PIECE_BYTES // 1024
    ring.close(None)
