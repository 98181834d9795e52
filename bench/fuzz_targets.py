"""What `bench.bus_fuzz` throws bytes at: listener, Node, Master, meters, Sensorbox, and the Modbus client's own framer.

Each target takes any bytes, must not raise, and checks what must hold whatever they are: nothing with a wrong checksum
is taken, and no value leaves its range.
"""

from __future__ import annotations

import logging
import math
import struct
from collections.abc import Callable, Mapping

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU

from smartevse.bus import meter as meters
from smartevse.bus import rtu, sensorbox, units
from smartevse.bus.counter import Counter
from smartevse.bus.kinds import FILES
from smartevse.bus.listener import Heard, Kind, Listener
from smartevse.bus.mains_meter import KwhMeter, MainsMeter
from smartevse.bus.master import GONE_AFTER_S, Master, Say
from smartevse.bus.meaning import meaning
from smartevse.bus.meter import Meter, MeterError, Request
from smartevse.bus.node import CONFIG_RANGES, FAMILY_RANGES, LOCAL, MAX_SHARE_DA, Node, Own
from smartevse.bus.overheard import Overheard
from smartevse.bus.port import marked
from smartevse.bus.units import CONFIG_NAMES, BusState

METERS: Mapping[str, Meter] = {word: meters.load(file) for word, file in FILES.items()}
logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)  # as the port does
_METERS = tuple(METERS.values())
_FAMILIES = (None, *units.FAMILIES)


class _NoLine:
    """The line of a meter that is only overheard."""

    async def read(self, device_id: int, request: Request) -> tuple[int, ...]:
        """Never called."""
        raise AssertionError((device_id, request))


def _frames(data: bytes) -> bytes:
    """The bytes as they are, or, when the first is odd, cut into bodies that get good checksums.

    Without it nearly everything would end at the checksum. A body's length is its first byte.
    """
    if not data or not data[0] & 1:
        return data[1:]
    stream, rest = bytearray(), data[1:]
    while rest:
        length, rest = 1 + rest[0] % 64, rest[1:]
        body, rest = rest[:length], rest[length:]
        if len(body) >= 2:
            stream += rtu.seal(body)
    return bytes(stream)


def talk(data: bytes) -> None:
    """A line's talk in lumps: listener, its meaning, a Node, what is overheard of meters."""
    head, stream = data[:4], _frames(data[4:])
    head = head.ljust(4, b"\0")
    listener = Listener()
    node = Node(1 + head[0] % 7, _FAMILIES[head[1] % len(_FAMILIES)])
    node.show(Own(BusState(head[2] % 15)))
    meter = _METERS[head[3] % len(_METERS)]
    overheard = Overheard(meter, 12)
    mains = MainsMeter(KwhMeter(_NoLine(), meter, 10), lambda: 0.0)
    lump, now_s, said = 1 + head[2] % 40, 100.0, bytearray()
    for first in range(0, len(stream), lump):
        now_s += head[3] / 4000
        for heard in listener.feed(stream[first : first + lump], now_s):
            _take(heard, node, overheard, mains)
            said += heard.data
    for heard in listener.idle(now_s + 1):
        _take(heard, node, overheard, mains)
        said += heard.data
    assert bytes(said) == stream, "every byte is told once, in its order"


def _take(heard: Heard, node: Node, overheard: Overheard, mains: MainsMeter) -> None:
    meaning(heard)
    overheard.hear(heard)
    mains.overhear(heard)
    if heard.kind is Kind.JUNK:
        return
    assert rtu.is_sealed(heard.data), "taken with a wrong checksum"
    if heard.kind is Kind.REQUEST and heard.request is not None:
        answer = node.hear(heard.request, heard.at_s)
        assert answer is None or rtu.is_sealed(answer)
        assert answer is None or heard.request.unit == node.unit, "answers for another"
        node.take()
    told = node.told
    assert told.share_da is None or 0 <= told.share_da <= MAX_SHARE_DA
    assert told.granted is None or told.granted in (BusState.COMM_B_OK, BusState.COMM_C_OK)
    assert not told.errors & LOCAL
    assert all(value in FAMILY_RANGES[name] for name, value in told.system.items())
    assert all(value in CONFIG_RANGES[CONFIG_NAMES.index(name)] for name, value in told.config.items())


def one_question(data: bytes) -> None:
    """One good question to a Node in any state: an answer or a refusal, and nothing out of its range."""
    if len(data) < 8:
        return
    node = Node(2, _FAMILIES[data[0] % len(_FAMILIES)])
    node.show(Own(BusState(data[1] % 15)))
    try:
        request = rtu.parse_request(rtu.seal(bytes((3, *data[2:]))))
    except rtu.FrameError:
        return
    assert rtu.parse_request(rtu.build_request(request)) == request
    _take(Heard(Kind.REQUEST, rtu.build_request(request), 1.0, request), node, Overheard(_METERS[0], 12), _MAINS)


_MAINS = MainsMeter(KwhMeter(_NoLine(), _METERS[0], 10), lambda: 0.0)


def master(data: bytes) -> None:
    """Any statuses to a Master: it gives nobody more than was decided, nor an absent one anything."""
    words = struct.unpack(f">{len(data) // 2}H", data[: len(data) // 2 * 2])
    made = Master(held_until_s=GONE_AFTER_S if len(words) % 2 else -math.inf)
    for place in range(0, len(words) - 8, 9):
        made.heard(1 + words[place] % 7, words[place + 1 : place + 9], place * 1.0)
    now_s = len(words) * 1.0
    made.polls(now_s)
    for unit in made.units(now_s):
        assert 0 <= unit.max_da <= 800
        assert all(0 <= limit.offer_da <= 800 for limit in unit.limits)
    shares = [word % 801 for word in (*words[:8], *(0,) * 8)][:8]
    online = made.online(now_s)
    for order in made.orders(Say(shares, len(words) % 3), now_s):
        assert rtu.is_sealed(rtu.build_request(order))
        if order.address == units.CURRENTS:
            assert list(order.values[:8]) == [da if n in (0, *online) else 0 for n, da in enumerate(shares)]


def meter(data: bytes) -> None:
    """Any registers as the answers of any kind of meter: a believable value, or none."""
    if not data:
        return
    kind = _METERS[data[0] % len(_METERS)]
    for poll in kind.polls:
        answers = {}
        for request in meters.requests(kind, poll):
            raw = data[1:].ljust(2 * request.count, b"\x80")[: 2 * request.count]
            answers[request] = rtu.words_in(raw)
        try:
            values = meters.decode(kind, poll, answers)
            if poll == "currents":
                flow = meters.currents(kind, values)
                assert all(abs(da) < meters.PLAUSIBLE_DA for da in flow.phases_da)
            elif poll == "import":
                wh = meters.energy_wh(kind, values)
                assert Counter().after(wh, 0.0).after(wh // 2, 1.0).total_wh == wh, "a counter never goes back"
            elif poll == "power" and "power_w" in values:
                assert abs(meters.believed_w(kind, values["power_w"])) <= meters.PLAUSIBLE_W
        except MeterError:
            continue


def box(data: bytes) -> None:
    """Any registers as the answer of a Sensorbox."""
    words = rtu.words_in(data[: len(data) // 2 * 2])
    try:
        found = sensorbox.decode(words)
        phases = sensorbox.phases_da(found, 160, 1100)
    except MeterError:
        return
    assert phases is None or all(abs(da) < 4000 for da in phases)
    assert len(sensorbox.writes(found, three_wire=True, wifi_mode=1)) <= 2
    try:
        assert 307 <= sensorbox.calibration_for(found, 25, 160) <= 2048
    except ValueError:
        return


def client(data: bytes) -> None:
    """Any bytes as the answer to a question, through the way that the port gives them to the Modbus client."""
    framer = FramerRTU(DecodePDU(False))
    try:
        used, answer = framer.handleFrame(marked(_frames(data)), 12, 0)
    except ModbusException:
        return
    assert used >= 0
    assert answer is None or answer.dev_id == 12


TARGETS: tuple[Callable[[bytes], None], ...] = (talk, one_question, master, meter, box, client)


def one(data: bytes) -> None:
    """The first byte says which target gets the rest."""
    if data:
        TARGETS[data[0] % len(TARGETS)](data[1:])
