"""The installer at a terminal, and what stands for one in an unattended run."""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from typing import TextIO

from smartevse.selftest.installer import Act, Consent, Look

YES, NO, SKIP = frozenset({"y", "yes"}), frozenset({"n", "no"}), frozenset({"s", "skip"})
LAST_LOOK_S = 3.0
"""After a person said that it is done the station looks for so long yet."""


class Terminal:
    """Asks on `output` and reads whole lines from the file `answers`; the end of that file is a no to everything."""

    def __init__(self, answers: int, output: TextIO, clock: Callable[[], float]) -> None:
        self._answers, self._output, self._clock = answers, output, clock
        self._buffer = b""
        self._ended = False

    def allows(self, consent: Consent, meanwhile: Callable[[], object]) -> bool:
        """Whether it may be done; only a whole yes is one."""
        return self._choice(f"{consent.value} [yes/no] ", YES, NO, meanwhile) is True

    def does(self, act: Act, done: Callable[[], bool]) -> bool | None:
        """Ask for it; the station goes on by itself when it sees it."""
        self._say(f"-> {act.value} (The station sees it by itself. Enter: it is done; s: skip) ")
        until_s = float("inf")
        while self._clock() < until_s:
            if done():
                self._say("\n")
                return True
            line = self._line()
            if line is not None:
                if line in SKIP or self._ended:
                    return None
                until_s = min(until_s, self._clock() + LAST_LOOK_S)
        return False

    def sees(self, look: Look, meanwhile: Callable[[], object]) -> bool | None:
        """What the person sees; s for skip."""
        return self._choice(f"{look.value} [yes/no/s] ", YES, NO, meanwhile)

    def _choice(
        self, question: str, yes: frozenset[str], no: frozenset[str], meanwhile: Callable[[], object]
    ) -> bool | None:
        """True, False, or None for skip and for the end of the answers."""
        self._say(question)
        while True:
            meanwhile()
            line = self._line()
            if line is None:
                continue
            if self._ended or line in SKIP:
                return None
            if line in yes | no:
                return line in yes
            self._say("please answer yes or no: ")

    def _line(self) -> str | None:
        """The next answer in small letters; None while there is none."""
        if not self._ended and b"\n" not in self._buffer and select.select([self._answers], [], [], 0)[0]:
            data = os.read(self._answers, 1024)
            self._buffer += data
            self._ended = not data
        if self._ended and b"\n" not in self._buffer:
            return ""
        if b"\n" not in self._buffer:
            return None
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode("utf-8", "replace").strip().lower()

    def _say(self, text: str) -> None:
        self._output.write(text)
        self._output.flush()


class Unattended:
    """Says yes to everything, as its owner did on the command line; waits `wait_s` for what others do; sees nothing."""

    def __init__(self, output: TextIO, clock: Callable[[], float], wait_s: float) -> None:
        self._output, self._clock, self._wait_s = output, clock, wait_s

    def allows(self, consent: Consent, meanwhile: Callable[[], object]) -> bool:
        """Yes."""
        meanwhile()
        print(f"{consent.value} yes (--yes)", file=self._output, flush=True)
        return True

    def does(self, act: Act, done: Callable[[], bool]) -> bool | None:
        """Whether it comes in time; nobody is there to say that it was done."""
        if self._wait_s > 0:
            print(f"-> {act.value}", file=self._output, flush=True)
        until_s = self._clock() + self._wait_s
        while True:
            if done():
                return True
            if self._clock() >= until_s:
                return None

    def sees(self, look: Look, meanwhile: Callable[[], object]) -> bool | None:
        """Nobody looks."""
        meanwhile()
        return None
