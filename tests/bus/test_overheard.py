"""A Node knows what its EV meter tells the Master, however the Master cuts its questions."""

from __future__ import annotations

import pytest

from smartevse.bus import meter as meters
from smartevse.bus import rtu
from smartevse.bus.kinds import FILES
from smartevse.bus.listener import Listener
from smartevse.bus.overheard import TOGETHER_S, Overheard
from smartevse.bus.rtu import Function, Request
from smartevse.twin.meters import Flow, meter_device

FLOW = Flow((16.0, 6.5, 32.0), import_wh=54_321_000.0)


def listen(to: Overheard, kind: str, unit: int, reads: list[tuple[int, int, int]], at_s: float = 5.0) -> None:
    """A master asks these registers, as (function, address, count), of a meter at `unit`."""
    device, listener = meter_device(kind, unit, lambda: FLOW), Listener()
    for function, address, count in reads:
        frame = rtu.build_request(Request(unit, Function(function), address, count))
        answer = device.frame(frame)
        assert answer is not None
        for heard in listener.feed(frame + answer, at_s):
            to.hear(heard)


@pytest.mark.parametrize("kind", list(FILES))
def test_each_kind_is_understood_from_the_polls_of_our_own_master(kind: str) -> None:
    meter = meters.load(FILES[kind])
    made = Overheard(meter, 20)
    polls = [poll for poll in ("once", "currents", "power", "import") if poll in meter.polls]
    reads = [(r.function, r.address, r.count) for poll in polls for r in meters.requests(meter, poll)]
    listen(made, kind, 20, reads)
    single = kind in ("eastron_1p", "chint_1p")
    assert made.reading.phases_da == ((160, 0, 0) if single else (160, 65, 320))
    assert made.reading.import_wh == 54_321_000
    assert made.reading.power_w is not None


def test_longer_questions_of_another_master_do_too() -> None:
    made = Overheard(meters.load(FILES["eastron"]), 20)
    listen(made, "eastron", 20, [(4, 0, 18)])
    assert made.reading.phases_da == (160, 65, 320)


def test_another_meter_and_answers_far_apart_change_nothing() -> None:
    currents, powers = (4, 6, 6), (4, 12, 6)
    made = Overheard(meters.load(FILES["eastron"]), 20)
    listen(made, "eastron", 21, [currents, powers])
    assert made.reading.phases_da is None, "another meter"
    listen(made, "eastron", 20, [currents], 5.0)
    listen(made, "eastron", 20, [powers], 5.1 + TOGETHER_S)
    assert made.reading.phases_da is None, "too far apart"
    listen(made, "eastron", 20, [currents], 5.2 + TOGETHER_S)
    assert made.reading.phases_da == (160, 65, 320)
