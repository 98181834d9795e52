import gzip
import os
import random
import zlib
from pathlib import Path

import pytest

from smartevse import __version__
from smartevse.core import record as layout
from smartevse.core.faults import Fault
from smartevse.core.states import State
from smartevse.recorder.recording import RecordingError, parse, read

RECORD_BYTES = layout.TICK_BYTES + 4


def refused(data: bytes) -> str:
    with pytest.raises(RecordingError) as error:
        parse(data, "it.rec")
    sentence = str(error.value)
    assert sentence.startswith("it.rec ")
    assert "\n" not in sentence
    return sentence


def test_a_recording_tells_what_happened(shorted: Path) -> None:
    recording = read(shorted)
    [(tick, bits)] = recording.new_faults()
    assert bits == 1 << Fault.PILOT_SHORT
    assert tick.report.state is State.E
    before = recording.ticks[tick.number - 4]
    assert (before.report.state, before.outputs.c1, before.outputs.duty_permille) == (State.C, True, 266)
    assert recording.gaps() == []
    assert (recording.program, recording.hat_revision) == (__version__, 1)


def test_a_compressed_recording_is_the_same(shorted: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed.rec.gz"
    packed.write_bytes(gzip.compress(shorted.read_bytes()))
    assert read(packed).ticks == read(shorted).ticks


def test_a_file_that_is_still_written_can_be_read_up_to_its_torn_tick(shorted: Path) -> None:
    data = bytearray(shorted.read_bytes())
    last = parse(bytes(data), "it.rec").ticks[-1].number
    torn = layout.HEADER_BYTES + last % layout.TICKS * RECORD_BYTES
    data[torn + 20 : torn + RECORD_BYTES] = bytes(RECORD_BYTES - 20)
    assert parse(bytes(data), "it.rec").ticks[-1].number == last - 1


@pytest.mark.parametrize(
    ("at", "value", "says"),
    [
        (0, b"PK", "is no recording of smartevse"),
        (16, b"\xff", "has the layout of smartevse"),
        (20, b"\0\0", "has the layout of smartevse"),
        (24, b"\xff\xff\xff\xff", "bytes instead of"),
    ],
)
def test_a_header_that_is_not_ours_is_refused(shorted: Path, at: int, value: bytes, says: str) -> None:
    data = bytearray(shorted.read_bytes())
    data[at : at + len(value)] = value
    assert says in refused(bytes(data))


def test_a_memory_of_another_program_leaves_the_ticks_to_be_read(shorted: Path) -> None:
    data = bytearray(shorted.read_bytes())
    data[32] ^= 1
    recording = parse(bytes(data), "it.rec")
    assert recording.memories == {}
    assert recording.ticks == read(shorted).ticks


def test_damage_is_refused_with_one_sentence(shorted: Path) -> None:
    data, chance = shorted.read_bytes(), random.Random(1)
    assert "no recording" in refused(b"")
    for length in (20, 127, 128, 500, len(data) - 1):
        refused(data[:length])
    refused(data + b"\0")
    ticks = parse(data, "it.rec").ticks
    for _ in range(60):
        damaged = bytearray(data)
        for _ in range(chance.choice((1, 2, 40))):
            at = chance.randrange(layout.HEADER_BYTES, layout.HEADER_BYTES + len(ticks) * RECORD_BYTES)
            damaged[at] ^= chance.randrange(1, 256)
        try:
            found = parse(bytes(damaged), "it.rec").ticks
        except RecordingError:
            refused(bytes(damaged))
        else:
            assert set(found) <= set(ticks), "a tick that was never recorded"


def test_a_tick_with_impossible_values_and_a_right_checksum_is_refused(shorted: Path) -> None:
    for at, value in ((16, 0xFF), (17, 0xFF), (46, 77), (49, 77)):
        data = bytearray(shorted.read_bytes())
        start = layout.HEADER_BYTES + RECORD_BYTES
        data[start + at] = value
        body = bytes(data[start : start + layout.TICK_BYTES])
        data[start + layout.TICK_BYTES : start + RECORD_BYTES] = zlib.crc32(body).to_bytes(4, "little")
        if at == 16:
            assert parse(bytes(data), "it.rec").ticks[0].sample.adc[0] & 0xFF == 0xFF
        else:
            assert "damaged" in refused(bytes(data))


def test_a_packed_file_that_swells_is_not_unpacked_to_its_end() -> None:
    assert "cut short or is no recording" in refused(gzip.compress(bytes(50_000_000)))


@pytest.mark.parametrize("keep", [0.1, 0.9])
def test_a_packed_file_that_is_cut_short_is_refused(shorted: Path, keep: float) -> None:
    packed = gzip.compress(shorted.read_bytes())
    refused(packed[: round(len(packed) * keep)])
    refused(packed[:200] + os.urandom(50) + packed[250:])


def test_a_file_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"^cannot read .*no\.rec \(No such file or directory\): "):
        read(tmp_path / "no.rec")
