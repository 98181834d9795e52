"""Contacts that follow their coil after a travel time: the hat's relays and the contactors behind them."""

from __future__ import annotations

from collections.abc import Callable

from smartevse.physics.timeline import Slot, Timeline


class Contacts:
    """One relay or contactor. `closed` is where its contacts are, whatever the coil says."""

    __slots__ = ("_arrived", "_close_s", "_line", "_open_s", "_slot", "closed", "coil", "cycles")

    def __init__(
        self,
        line: Timeline,
        slot: Slot,
        close_s: Callable[[], float],
        open_s: Callable[[], float],
    ) -> None:
        """Open contacts; the travel times are asked at each switching, because some spread."""
        self._line, self._slot = line, slot
        self._close_s, self._open_s = close_s, open_s
        self._arrived = False
        self.closed = False
        self.coil = False
        self.cycles = 0
        """How often the contacts have closed."""

    def drive(self, coil: bool) -> None:
        """Feed the coil or not; the contacts follow after their travel, unless it changes back before."""
        if coil == self.coil:
            return
        self.coil = coil
        if coil == self._arrived:
            self._line.cancel(self._slot)  # it had not left yet, or is back
        else:
            travel_s = self._close_s() if coil else self._open_s()
            self._line.set(self._slot, self._line.now_s + travel_s)

    def arrive(self) -> None:
        """The travel is over."""
        self._arrived = self.coil

    def let_go(self) -> None:
        """Open although the coil is fed, as a worn contactor does; it stays open until the coil is fed anew."""
        self._arrived = False
        self._line.cancel(self._slot)

    def moved(self, forced: bool | None) -> bool:
        """Find out where the contacts are: `forced` True welded, False dead, None free. Whether they changed."""
        closed = self._arrived if forced is None else forced
        changed = closed != self.closed
        self.closed = closed
        self.cycles += changed and closed
        return changed
