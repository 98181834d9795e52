"""Tells apart what is said on a line by others: questions, their answers, echoes, refusals, and what is none of these.

Pure. Bytes come in lumps whose gaps mean nothing, so a frame is known by its length and its checksum; only a silence
of `IDLE_S` proves that what is left over will not become a frame any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from smartevse.bus import rtu
from smartevse.bus.rtu import FrameError, Function, Request

IDLE_S = 0.025
"""Longer than any gap inside a frame, however the adapter lumps its bytes."""
ANSWER_WITHIN_S = 1.0
"""An answer that comes later belongs to nobody."""
MOST_STRAY = 3
"""So many stray bytes before a question do not delay its answer."""
BROADCAST_UNIT = 9
"""All nodes listen to this unit, and nobody answers for it."""


class Kind(Enum):
    """What a piece of the line's talk is."""

    REQUEST = "request"
    ANSWER = "answer"
    REFUSAL = "refusal"
    STRAY = "stray"
    """A good answer to a question that was not heard."""
    JUNK = "junk"


@dataclass(frozen=True, slots=True)
class Heard:
    """One frame, or a run of bytes that is none.

    `request` is the question itself, or the one that an answer or refusal belongs to; `words` are the registers of an
    answer to a read, `code` is that of a refusal. `at_s` is when its last byte was handed over.
    """

    kind: Kind
    data: bytes
    at_s: float
    request: Request | None = None
    words: tuple[int, ...] = ()
    code: int = 0


class Listener:
    """Hears all that is said; times are seconds of the caller's clock."""

    def __init__(self) -> None:
        self._stream = bytearray()
        self._junk = bytearray()
        self._last_s = float("-inf")
        self._open: Request | None = None
        """The question that has no answer yet."""
        self._asked_s = float("-inf")
        self._asked = b""

    def feed(self, data: bytes, at_s: float) -> list[Heard]:
        """What has become complete with these bytes, which were handed over at this time."""
        heard = [] if self._continues(data) else self.idle(at_s)
        self._last_s = at_s
        self._stream += data
        heard += self._take(at_s, final=False)
        return heard

    def _continues(self, data: bytes) -> bool:
        """Whether these bytes may be the rest of what is left over, however late.

        A program that was held up reads the end of a frame long after its beginning, without a silence between them.
        """
        if not self._stream or self._whole(data):
            return False
        left = len(self._stream)
        self._stream += data
        lengths = [length for _, length in self._candidates()]
        fits = any(
            length is None or length > len(self._stream) or (length and rtu.is_sealed(bytes(self._stream[:length])))
            for length in lengths
        )
        del self._stream[left:]
        return fits

    @staticmethod
    def _whole(data: bytes) -> bool:
        """Whether the bytes begin with a whole question, which is then one of its own."""
        length = _length(data[:7], answer=False)
        return bool(length) and rtu.is_sealed(data[:length])

    def idle(self, now_s: float) -> list[Heard]:
        """What is certain because nothing more came: to be called from time to time, and at the end."""
        if now_s - self._last_s <= IDLE_S:
            return []
        heard = list(self._take(self._last_s, final=True))
        heard += self._end_junk(self._last_s)
        return heard

    def _take(self, at_s: float, *, final: bool) -> list[Heard]:
        """All frames at the beginning of the stream; `final`: nothing more will come, so nothing is waited for."""
        found: list[Heard] = []
        while self._stream:
            waiting = len(self._stream) < 4
            for kind, length in self._candidates():
                if length is None or length > len(self._stream):
                    waiting = True
                elif rtu.is_sealed(frame := bytes(self._stream[:length])) and (item := self._item(kind, frame, at_s)):
                    found += self._end_junk(at_s)
                    found.append(item)
                    del self._stream[:length]
                    break
            else:
                if waiting and not final and not self._slipped():
                    break
                self._junk.append(self._stream.pop(0))
        return found

    def _slipped(self) -> bool:
        """Whether a whole question stands behind a few stray bytes, as a turn of the line's direction makes them."""
        for skip in range(1, min(MOST_STRAY, len(self._stream) - 7) + 1):
            rest = bytes(self._stream[skip:])
            if _length(rest[:7], answer=False) == len(rest) and rtu.is_sealed(rest):
                return True
        return False

    def _candidates(self) -> Iterator[tuple[Kind, int | None]]:
        """What the stream may begin with, and how long that would be (None: too short to tell)."""
        head = bytes(self._stream[:7])
        if len(head) < 2:
            return
        unit, function = head[0], head[1]
        asked = self._open
        if asked is not None and unit == asked.unit and function & 0x7F == asked.function:
            if len(head) > 2 and head[2] <= 11:
                yield Kind.REFUSAL, 5  # some units refuse without marking the function code
            yield Kind.ANSWER, _length(head, answer=True)
        yield Kind.REQUEST, _length(head, answer=False)
        yield Kind.STRAY, _length(head, answer=True)

    def _item(self, kind: Kind, frame: bytes, at_s: float) -> Heard | None:
        """The frame as this kind; None when it cannot be that."""
        late = at_s - self._asked_s > ANSWER_WITHIN_S
        if kind in (Kind.ANSWER, Kind.REFUSAL) and self._open is not None and not late:
            request = self._open
            if kind is Kind.REFUSAL:
                self._open = None
                return Heard(kind, frame, at_s, request, code=frame[2])
            if not _answers(frame, request, self._asked):
                return None
            self._open = None
            words = rtu.words_in(frame[3:-2]) if request.function in (3, 4) else ()
            return Heard(kind, frame, at_s, request, words)
        if kind is Kind.REQUEST:
            try:
                request = rtu.parse_request(frame)
            except FrameError:
                return None
            self._open = None if request.unit in (rtu.BROADCAST, BROADCAST_UNIT) else request
            self._asked_s, self._asked = at_s, frame
            return Heard(kind, frame, at_s, request)
        if kind is Kind.STRAY and frame[1] & 0x7F in set(Function):
            return Heard(kind, frame, at_s, code=frame[2] if frame[1] & 0x80 else 0)
        return None

    def _end_junk(self, at_s: float) -> list[Heard]:
        if not self._junk:
            return []
        junk, self._junk = bytes(self._junk), bytearray()
        return [Heard(Kind.JUNK, junk, at_s)]


def _length(head: bytes, *, answer: bool) -> int | None:
    """The length of a frame that begins so; 0 (which no frame has) when none does."""
    try:
        return rtu.response_bytes(head) if answer else rtu.request_bytes(head)
    except FrameError:
        return 0


def _answers(frame: bytes, request: Request, asked: bytes) -> bool:
    """Whether this is an answer to that question; a unit may accept fewer registers than it was told."""
    if frame[1] & 0x80:
        return False
    if request.function in (Function.READ_HOLDING, Function.READ_INPUT):
        return frame[2] == 2 * request.count
    if request.function is Function.WRITE_ONE:
        return frame == asked
    return frame[2:4] == asked[2:4]
