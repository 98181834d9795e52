from __future__ import annotations

import pytest

from smartevse.panel import card_words
from smartevse.panel.card_access import Answer


@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("connected", [False, True])
def test_every_answer_has_words_that_fit_the_display(answer: Answer, connected: bool) -> None:
    lines = card_words.lines(answer, connected=connected, count=100)
    assert 1 <= len(lines) <= 3
    assert all(line.isascii() and line.isprintable() and 1 <= len(line) <= 16 for line in lines)


def test_the_lights_tell_a_good_card_from_a_refused_one_and_end() -> None:
    times = [n / 100 for n in range(200)]
    good = [card_words.lights(True, at) for at in times]
    bad = [card_words.lights(False, at) for at in times]
    assert {rgb for rgb in good if rgb} == {(0, 255, 0)}
    assert {rgb for rgb in bad if rgb} == {(255, 0, 0), (0, 0, 0)}
    for lit in (good, bad):
        assert all(rgb is not None for rgb in lit[:120])
        assert all(rgb is None for rgb in lit[120:])
