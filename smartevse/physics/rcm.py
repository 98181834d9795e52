"""The residual current monitor (RCM14-03 class) and the hat's latch behind it."""

from __future__ import annotations

from smartevse.physics.timeline import Slot, Timeline


class Rcm:
    """Monitor and latch: `tripped` is the pin RCM_TRIP. The latch clears only while the one-shot is expired."""

    def __init__(self, line: Timeline, test_s: float) -> None:
        self._line = line
        self._test_s = test_s
        self._test = False
        self._tested = False
        self.fitted = True
        """Without a monitor a jumper on the hat holds the input at "no fault"."""
        self.tripped = False

    def test(self, on: bool) -> None:
        """Drive the monitor's test input; it answers a little later, and ends with the input."""
        if on == self._test:
            return
        self._test = on
        if on:
            self._line.set(Slot.RCM, self._line.now_s + self._test_s)
        else:
            self._line.cancel(Slot.RCM)
            self._tested = False

    def answer(self) -> None:
        """The monitor has noticed its test input."""
        self._tested = True

    def update(self, *, wd_ok: bool, fault: bool, supplied: bool, test_dead: bool) -> bool:
        """Work out the latch; `fault` is a fault current or the plug out. Whether RCM_TRIP changed."""
        alarm = self.fitted and (fault or not supplied or (self._tested and not test_dead))
        tripped = alarm or (self.tripped and wd_ok and self.fitted)
        changed = tripped != self.tripped
        self.tripped = tripped
        return changed
