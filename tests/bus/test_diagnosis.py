"""What is wrong with a line is concluded from what was heard, and a good line has no findings."""

from __future__ import annotations

import random

from smartevse.bus import rtu
from smartevse.bus.diagnosis import Diagnosis
from smartevse.bus.listener import Listener
from smartevse.bus.rtu import Function, Request, seal

ASK = rtu.build_request(Request(3, Function.READ_INPUT, 0, 8))
STATUS = rtu.build_read_response(Request(3, Function.READ_INPUT, 0, 8), (2, 0, 160, 1, 0, 1, 0, 32))
CURRENTS = rtu.build_request(Request(9, Function.WRITE_MANY, 0x20, 8, (160,) * 8))

Story = list[tuple[float, bytes]]
"""When which bytes are handed over."""


def findings(story: Story) -> list[str]:
    listener, diagnosis = Listener(), Diagnosis()
    for at_s, data in story:
        for heard in listener.feed(data, at_s):
            diagnosis.hear(heard)
    for heard in listener.idle(1e9):
        diagnosis.hear(heard)
    return diagnosis.findings()


def cycles(answer: bytes = STATUS, count: int = 20) -> Story:
    """A master's cycles every 2 s: one question with its answer, and the currents."""
    story: Story = []
    for i in range(count):
        story += [(2.0 * i, ASK), (2.0 * i + 0.05, answer), (2.0 * i + 0.3, CURRENTS)]
    return story


def test_nothing_is_found_on_a_good_line() -> None:
    assert findings(cycles()) == []


def test_one_damaged_frame_in_a_hundred_is_no_finding() -> None:
    story = cycles(count=34)
    story[1] = (story[1][0], STATUS[:-1] + b"\x00")
    assert findings(story) == []


def test_a_line_without_a_word() -> None:
    assert findings([])[0].startswith("nobody speaks")


def test_swapped_wires() -> None:
    assert "swapped" in findings([(i / 10, b"\x00\xff\x00") for i in range(20)])[0]


def test_another_parity() -> None:
    dice = random.Random(1)
    lumps = [bytes(0 if dice.random() < 0.5 else dice.randrange(1, 255) for _ in range(8)) for _ in range(20)]
    assert "parity or speed" in findings([(i / 10, lump) for i, lump in enumerate(lumps)])[0]


def test_two_nodes_with_one_number_that_answer_at_once() -> None:
    dice = random.Random(2)
    (finding,) = (text for text in findings(cycles(dice.randbytes(21))) if "Node 2" in text)
    assert "20 of 20 questions" in finding
    assert "two devices may have this number" in finding


def test_two_nodes_with_one_number_that_answer_one_after_the_other() -> None:
    story: Story = []
    for i in range(5):
        story += [(2.0 * i, ASK), (2.0 * i + 0.03, STATUS), (2.0 * i + 0.08, STATUS)]
    assert "two devices may have this number" in findings(story)[0]


def test_two_masters() -> None:
    other = [(at_s + 0.7, data) for at_s, data in cycles()]
    assert findings(sorted([*cycles(), *other]))[0].startswith("two masters")


def test_a_node_that_never_answers() -> None:
    story = [step for step in cycles() if step[1] != STATUS]
    assert findings(story) == ["Node 2 (3) never answers: see to its number, its speed and its supply"]


def test_a_line_whose_ends_are_open() -> None:
    assert "120 ohm" in findings(cycles(b"\x00" + STATUS))[0]


def test_refusals_are_answers() -> None:
    assert findings(cycles(seal(bytes((3, 0x84, 2))))) == []
