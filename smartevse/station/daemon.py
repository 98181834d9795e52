"""`smartevse run`: from the command line to the first permit as fast as can be, then the station.

A station that restarts has one second before its last permit expires; so nothing heavy is imported before the guard
has a new one.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from smartevse import config
from smartevse.bus.device import obstacle
from smartevse.core.signals import Permit
from smartevse.hal.board import BoardUnfitError
from smartevse.settings.meaning import permit as permit_of
from smartevse.settings.store import Store
from smartevse.station import journal, kernel_link
from smartevse.station.access import guarded
from smartevse.station.guard_link import SEND_EVERY_S, GuardLink
from smartevse.station.regulation import first_offer, regulated
from smartevse.station.without_tls import keep_out

FIRST_WORD_S = 0.1
"""The guard tells its status 50 times a second."""

BUSY_S = 10.0
"""So long another program may have the RS485 line: some look at each adapter that is plugged in."""
LOOK_S = 0.25

_log = logging.getLogger("smartevse.station")


def main(argv: Sequence[str]) -> int:
    """Run the station until it is told to end; 0 after SIGTERM, 78: a person must act, 1: pigpiod is gone."""
    parser = argparse.ArgumentParser(prog="smartevse run", description="Run the charging station.")
    parser.add_argument("--config", type=Path, default=config.DEFAULT_PATH, metavar="FILE", help="default: %(default)s")
    arguments = parser.parse_args(argv)
    journal.set_up(os.environ, sys.stderr)
    try:
        settings = config.load(arguments.config, os.environ)
        config.check_state_directory(settings.state_directory)
        settings = replace(settings, hat=kernel_link.settled(settings.hat))
    except (config.ConfigError, BoardUnfitError) as error:
        _log.error("%s", error, extra=journal.event("refused"))
        return config.EXIT_CONFIG
    store = Store(settings.state_directory)
    link = GuardLink(settings.guard.socket)
    # what a charge may go on with depends on whether there is one, where more than MAX decides
    status = link.first_status(FIRST_WORD_S) if regulated(store.values) or guarded(store.values) else None
    offer = first_offer(store.values, status)
    permit = permit_of(store.values, offer.limit.offer_da, 0, phases=offer.phases, rcm_test=settings.hat.rcm_test)
    link.exchange(permit)
    keep_out()
    with _renewed(link, permit):
        import asyncio

        problem = _line_problem(settings.bus.device)
        if problem is not None:
            _log.error("%s", problem, extra=journal.event("refused"))
            return config.EXIT_CONFIG
        from smartevse.bus.exact import exact_loop
        from smartevse.station.station import Station

    async def work() -> int:
        return await Station(settings, store, link, os.environ).run()

    with asyncio.Runner(loop_factory=exact_loop) as runner:
        return runner.run(work())


def _line_problem(device: str | None) -> str | None:
    """What a person must mend before the RS485 line can be used; None when there is nothing, or when it may pass.

    Another program may look at a new adapter for some seconds. One that is away comes back by itself.
    """
    until_s = time.monotonic() + BUSY_S
    while device is not None:
        problem = obstacle(device)
        if problem is None or not problem.lasting:
            break
        if not problem.busy or time.monotonic() > until_s:
            return problem.sentence
        time.sleep(LOOK_S)
    return None


@contextmanager
def _renewed(link: GuardLink, permit: Permit) -> Iterator[None]:
    """Keep the permit alive from a thread, while imports take longer than its life on a small Pi."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(SEND_EVERY_S):
            link.exchange(permit)

    thread = threading.Thread(target=renew, name="first permits")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
