"""Coverage-guided bytes against all that reads the RS485 line: `python -m bench.bus_fuzz [--runs N]`.

Uses atheris where it is installed (`pip install atheris` in an environment of its own: it is no tool of the project, as
it does not exist for every Python), else a generator of its own that mutates the recorded frames. What is thrown at
whom, and what must hold, is in `bench.fuzz_targets`. Exit status 0 when nothing was found.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bus.golden_meters import GOLDEN
from tests.bus.test_listener import TALK

LONGEST = 160
"""Five times the longest frame that these units send, so that several in a row fit."""


def seeds() -> Iterator[bytes]:
    """Recorded frames as input of every target."""
    frames = [bytes.fromhex(text) for _, text in TALK]
    answers = [bytes.fromhex(golden.answer) for golden in GOLDEN]
    for frame in frames:
        yield b"\x00\x02\x01\x04\x10\x00" + frame
        yield b"\x00\x02\x01\x04\x10\x01" + bytes((len(frame) - 3,)) + frame[:-2]
        yield b"\x01\x01\x04" + frame[1:-2]
        yield b"\x05\x00" + frame
    yield b"\x00\x02\x01\x04\x10\x00" + b"".join(frames[:12])
    for number, answer in enumerate(answers):
        yield bytes((3, number % 16)) + answer[3:-2]
        yield b"\x04" + answer[3:-2].ljust(40, b"\0")
    yield b"\x02" + b"\x00\x02" * 40


def mutated(dice: random.Random, corpus: list[bytes]) -> bytes:
    """One of the corpus with a few changes."""
    data = bytearray(dice.choice(corpus))
    for _ in range(dice.randrange(1, 5)):
        place = dice.randrange(len(data)) if data else 0
        match dice.randrange(4):
            case 0 if data:
                data[place] ^= 1 << dice.randrange(8)
            case 1 if data:
                data[place] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
            case 2:
                del data[place : place + dice.randrange(1, 8)]
            case _:
                data[place:place] = dice.choice(corpus)[: dice.randrange(1, 40)]
    return bytes(data[:LONGEST])


def plain(runs: int, one: Callable[[bytes], None]) -> None:
    """Without coverage."""
    dice, corpus = random.Random(1), list(seeds())
    for _ in range(runs):
        one(mutated(dice, corpus))


def guided(atheris: Any, runs: int, one: Callable[[bytes], None]) -> None:
    """With coverage; ends the process when something is found, and tells with which bytes."""
    with tempfile.TemporaryDirectory(prefix="smartevse-fuzz-") as folder:
        for number, seed in enumerate(seeds()):
            Path(folder, f"{number:04}").write_bytes(seed)
        options = [f"-atheris_runs={runs}", f"-max_len={LONGEST}", "-timeout=60", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *options, folder], one)
        atheris.Fuzz()


def main() -> int:
    """Throw and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    runs = parser.parse_args().runs
    found = importlib.util.find_spec("atheris") is not None
    start_s = time.monotonic()
    if found:
        atheris = importlib.import_module("atheris")
        with atheris.instrument_imports(include=["smartevse", "bench.fuzz_targets"]):
            targets = importlib.import_module("bench.fuzz_targets")
    else:
        targets = importlib.import_module("bench.fuzz_targets")
    counts = dict.fromkeys((target.__name__ for target in targets.TARGETS), 0)
    names = list(counts)

    def one(data: bytes) -> None:
        if data:
            counts[names[data[0] % len(names)]] += 1
        targets.one(data)

    def tell() -> None:
        took_s = time.monotonic() - start_s
        by = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        print(f"{'atheris' if found else 'own generator'}: {sum(counts.values()):,} inputs in {took_s:.0f} s ({by})")

    try:
        if found:
            guided(atheris, runs, one)
        else:
            plain(runs, one)
    finally:
        tell()
    return 0


if __name__ == "__main__":
    sys.exit(main())
