"""The station's tasks on one event loop: permits to the guard, keys, LEDs, LCD, meters, settings, journal.

Everything that may wait has its own thread: pigpiod, the LCD, the store. What crosses is frozen.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from smartevse.config import Config
from smartevse.drivers.heap import give_back, settle
from smartevse.drivers.notify import Notify, watchdog_s
from smartevse.guard.wire import Status
from smartevse.hal import hat
from smartevse.recorder.keep import collect
from smartevse.settings.meaning import permit as permit_of
from smartevse.settings.rows import TABLE
from smartevse.settings.store import Store
from smartevse.settings.table import SettingsError, Value
from smartevse.settings.values import Values
from smartevse.station import kernel_link, lcd, pigpio_link
from smartevse.station.card_task import CardTask
from smartevse.station.changes import Changes, Seen, status_text
from smartevse.station.clamp import BoxClamp
from smartevse.station.front import Front, Wish
from smartevse.station.guard_link import SEND_EVERY_S, GuardLink
from smartevse.station.hearing import Hearing
from smartevse.station.journal import event
from smartevse.station.meters import Meters
from smartevse.station.overview import unit_lines
from smartevse.station.peers import Peers
from smartevse.station.quarter import QuarterBudget
from smartevse.station.regulation import Offer, Regulation, warmed
from smartevse.station.session import CONNECTED, TAKING, Session, after
from smartevse.station.show import Show
from smartevse.station.timer import Timer
from smartevse.station.told import Told
from smartevse.station.wear_watch import WearWatch
from smartevse.station.wifi_task import WifiTask
from smartevse.station.wishes import HELD_BACK

POLL_STORE_S = 0.25
"""How often settings that another program changed are looked for."""
COLLECT_S = 5.0
"""How often new recordings of the guard are looked for: they are in memory, and a power cut would take them."""
SETTLED_S = 30.0
"""When the last library has been imported, also on a small Pi."""
STATUS_EVERY_S = 1.0
"""At most this often systemd is told a new status."""
LINE_WAITS_S = 3.0
"""How long the RS485 line waits for a hat that does not begin."""
MOVE_S = 0.05
"""How often LEDs that breathe or flash are set."""

ENDING = "the station ends; a running charge is stopped by the guard unless the station is back in 1 s"
KEPT = "the guard's minute around the fault is kept: smartevse recorder plot %s OUT.png"
UNKEPT = "recordings of faults are not kept (%s): make %s writable"

_log = logging.getLogger("smartevse.station")


class Station:
    """Everything that `smartevse run` does once the first permit is out."""

    def __init__(self, config: Config, store: Store, link: GuardLink, environ: Mapping[str, str]) -> None:
        self._config = config
        self._store = store
        self._link = link
        self._values = store.values
        self._notify = Notify(environ)
        self._watchdog_s = watchdog_s(environ, os.getpid())
        self._front = Front(self._values, BoxClamp(lambda: self._meters.box, lambda: self._values))
        self._told = Told(self._values, self._front.give)
        self._hearing = Hearing(config.state_directory, self._hear)
        self._changes = Changes()
        self._session = Session()
        self._resets = 0
        self._wear = WearWatch(config.state_directory)
        self._ready = False
        self._saving: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._urgent = asyncio.Event()
        self._disk = ThreadPoolExecutor(1, "store")
        self._loop = asyncio.get_running_loop()
        self._display = lcd.display(config.hat, config.panel)
        self._show = Show(self._display, lcd.SIZES.get(config.panel.lcd), time.monotonic())
        self._meters = Meters(config.bus, self._values, self._urgent.set)
        self._regulation = Regulation(line=config.bus.device is not None)
        self._peers = Peers(config.bus, self._values, self._meters, self._look, self._keep_told)
        self._timer = Timer(config.state_directory)
        self._quarter = QuarterBudget(config.state_directory)
        self._cards = CardTask(config, self._front, self._disk, self._urgent.set)
        self._wifi = WifiTask(self._front, self._keep_told)
        self._told_status, self._status_due_s = "", float("-inf")
        switch = config.panel.rfid != "w1"  # whose reader has the pin
        self._pigpio = kernel_link.link_for(
            config.hat, hat.load(), self._on_edge, self._on_pigpio, switch=switch, on_found=self._on_found
        )
        self._begun = asyncio.Event()

    async def run(self) -> int:
        """Work until SIGTERM or SIGINT; the result is the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stop.set)
        threading.excepthook = pigpio_link.report_thread_end
        self._say_notices()
        if self._wear.notice is not None:
            _log.warning("%s", self._wear.notice, extra=event("keeping"))
        self._pigpio.start()
        self._loop.call_later(SETTLED_S, settle)
        async with asyncio.TaskGroup() as tasks:
            work = [
                tasks.create_task(self._beat(), name="beat"),
                tasks.create_task(self._watch_store(), name="store"),
                tasks.create_task(self._keep_recordings(), name="recordings"),
                tasks.create_task(self._move(), name="leds"),
                tasks.create_task(self._line(), name="line"),
                tasks.create_task(self._hearing.run(), name="hearing"),
            ]
            await self._stop.wait()
            for task in work:
                task.cancel()
        return await self._end()

    async def _end(self) -> int:
        """Leave in order. The guard gets no word: its permit expires, and it ends a running charge by itself."""
        self._notify.stopping()
        self._link.close()
        _log.info(ENDING, extra=event("ending"))
        if self._saving is not None:
            await self._saving
        self._show.farewell()
        if self._display is not None:
            await asyncio.to_thread(self._display.stop)
        if not await asyncio.to_thread(self._pigpio.close):
            pigpio_link.leave("pigpiod did not answer at the end; its pins are left as they are")
        await self._cards.close()
        await asyncio.to_thread(self._wifi.close)
        await self._loop.run_in_executor(self._disk, self._keep_wear, time.monotonic())
        if self._values.quarter:
            await self._loop.run_in_executor(self._disk, self._keep_quarter)
        await self._loop.run_in_executor(self._disk, self._store.close)
        self._disk.shutdown()
        return 0

    async def _beat(self) -> None:
        """Ten times a second, and at once when something urgent changed: permit out, status in, everything shown."""
        alive_at_s = 0.0
        while True:
            now_s = time.monotonic()
            problem = self._pigpio.problem(now_s)
            if problem is not None:
                pigpio_link.leave(problem)
            self._exchange(now_s)
            if self._watchdog_s is not None and now_s >= alive_at_s:
                self._notify.alive()
                alive_at_s = now_s + self._watchdog_s
            self._urgent.clear()
            try:
                async with asyncio.timeout(SEND_EVERY_S):
                    await self._urgent.wait()
            except TimeoutError:
                continue

    def _look(self) -> None:
        """From the Master's cycle: decide by what the Nodes have just told."""
        self._exchange(time.monotonic())

    def _keep_told(self, changes: Mapping[str, Value]) -> None:
        """Settings that came over the RS485 line, or follow from what was done in the menu."""
        self._saving = self._loop.create_task(self._save(changes))

    def _offer(self, now_s: float, status: Status | None) -> Offer:
        """What the own car is offered now."""
        limits = self._timer.limits(self._values, connected=status is not None and status.state in CONNECTED)
        wishes = replace(self._front.wishes(now_s), override_da=self._told.override_for(self._values))
        quarter_a = self._quarter.amps(self._meters.mains) if self._values.quarter else None
        return self._peers.offer(now_s, status, self._regulation, wishes, limits, self._told.battery, quarter_a)

    def _hear(self, line: str) -> str:
        """What somebody tells with `smartevse tell`; it counts at once."""
        answer = self._told.hear(line, time.monotonic())
        self._urgent.set()
        return answer

    def _exchange(self, now_s: float) -> None:
        """One permit, the newest status, and what follows from it."""
        self._link.listen()
        status = self._link.fresh(time.monotonic_ns())
        if status is not None:
            self._front.seen(
                connected=status.state in CONNECTED, charging=status.state in TAKING, faulty=bool(status.faults)
            )
        self._told.use(self._front.settled)
        for sentence in self._told.take_lines():
            _log.info("%s", sentence)
        offer = self._offer(now_s, status)
        reading = self._peers.reading.fresh(now_s)
        permit = permit_of(
            self._values,
            offer.limit.offer_da,
            self._resets,
            phases=offer.phases,
            rcm_test=self._config.hat.rcm_test,
            user_stop=offer.limit.why in HELD_BACK,
        )
        self._link.exchange(permit)
        status = self._link.fresh(time.monotonic_ns())
        if status is not None:
            self._watch_wear(status, now_s)
            offer = warmed(offer, status)
            self._session = after(self._session, status.state, reading.import_wh, now_s)
            self._tell(Seen(status, offer, self._session, now_s))
        if self._timer.unkept:
            self._loop.run_in_executor(self._disk, self._keep_timer)
        if self._quarter.unkept:
            self._loop.run_in_executor(self._disk, self._keep_quarter)
        self._cards.beat(now_s, connected=status is not None and status.state in CONNECTED)
        self._wifi.beat(now_s)
        self._show.announce(self._cards.lines(now_s), now_s)
        self._show.people(self._values, self._front.wishes(now_s).access)
        state = status.state if status is not None else None
        self._show.units(unit_lines(state, self._peers.nodes, self._peers.grants, now_s))
        self._show.update(
            now_s,
            self._link.status,
            status,
            offer,
            reading,
            self._session,
            (*self._cards.note, *self._front.notes, *self._told.notes(now_s), *self._peers.notes),
            self._peers.silent_name(offer),
        )
        self._draw(now_s)

    def _tell(self, seen: Seen) -> None:
        """What is new for the journal, and for `systemctl status` once a second."""
        for line in self._changes.lines(seen):
            _log.log(line.level, "%s", line.text, extra=dict(line.fields))
        text = status_text(seen)
        if text != self._told_status and seen.now_s >= self._status_due_s:
            self._told_status, self._status_due_s = text, seen.now_s + STATUS_EVERY_S
            self._notify.status(text)

    def _keep_quarter(self) -> None:
        sentence = self._quarter.keep()
        if sentence is not None:
            _log.warning("%s", sentence)

    def _keep_timer(self) -> None:
        sentence = self._timer.keep()
        if sentence is not None:
            _log.warning("%s", sentence, extra=event("keeping"))

    def _watch_wear(self, status: Status, now_s: float) -> None:
        """Count the contactor's life; the file is written by the thread that may wait."""
        slow = self._wear.look(status)
        if slow is not None:
            _log.warning("%s", slow, extra=event("wear"))
        if self._wear.due(status, now_s):
            self._loop.run_in_executor(self._disk, self._keep_wear, now_s)

    def _keep_wear(self, now_s: float) -> None:
        sentence = self._wear.keep(now_s)
        if sentence is not None:
            _log.warning("%s", sentence, extra=event("keeping"))

    def _draw(self, now_s: float) -> None:
        """The panel as it is to look now."""
        self._show.draw(now_s, self._front.menu(now_s), self._front.hint(), self._front.touched_s)

    async def _line(self) -> None:
        """The RS485 line, once keys and display have begun: its library takes as long to import as theirs."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINE_WAITS_S):
                await self._begun.wait()
        await self._peers.run()

    async def _move(self) -> None:
        """LEDs that breathe or flash, keys that are held."""
        while True:
            now_s = time.monotonic()
            if self._ready:
                self._pigpio.show(*(self._cards.lights(now_s) or self._show.leds(now_s)))
            due_s = self._front.due_s
            if due_s is not None and now_s >= due_s:
                self._take(self._front.tick(now_s))
                self._draw(now_s)
                due_s = self._front.due_s
            wait_s = MOVE_S if self._show.moving else SEND_EVERY_S
            await asyncio.sleep(wait_s if due_s is None else min(wait_s, max(0.01, due_s - now_s)))

    async def _watch_store(self) -> None:
        """Take over what another program changed."""
        while True:
            changed = await self._loop.run_in_executor(self._disk, self._store.poll)
            self._say_notices()
            if changed is not None:
                self._say_changed(self._values, changed)
                self._take(self._front.outside(changed))
            self._take(self._front.tick(time.monotonic()))
            for sentence in self._front.take_told():
                _log.warning("%s", sentence, extra=event("setting"))
            await asyncio.sleep(POLL_STORE_S)

    async def _keep_recordings(self) -> None:
        """Put what the guard recorded of a fault on the disk, and let go of the memory that nobody uses any more."""
        run_folder, state_folder = self._config.guard.socket.parent, self._config.state_directory
        failed = False
        while True:
            try:
                for path in await self._loop.run_in_executor(self._disk, collect, run_folder, state_folder):
                    _log.info(KEPT, path, extra=event("recorded"))
                failed = False
            except OSError as error:
                if not failed:
                    _log.warning(UNKEPT, error, state_folder, extra=event("keeping"))
                failed = True
            await self._loop.run_in_executor(self._disk, give_back)
            await asyncio.sleep(COLLECT_S)

    def _on_edge(self, name: str, pressed: bool) -> None:
        """From pigpio's thread: hand the key over to the event loop."""
        self._loop.call_soon_threadsafe(self._edge, name, pressed)

    def _edge(self, name: str, pressed: bool) -> None:
        now_s = time.monotonic()
        touched_s = self._front.touched_s
        self._take(self._front.edge(name, pressed, now_s))
        if self._front.touched_s != touched_s:
            self._draw(now_s)
            self._urgent.set()

    def _on_found(self) -> None:
        """From pigpio's thread: pigpiod is there; the display need not wait for the keys."""
        self._loop.call_soon_threadsafe(self._start_display)

    def _on_pigpio(self) -> None:
        """From pigpio's thread: the pins are taken."""
        self._loop.call_soon_threadsafe(self._began)

    def _start_display(self) -> None:
        if self._display is not None and not self._display.started:
            self._display.start()

    def _began(self) -> None:
        self._start_display()
        self._begun.set()
        self._ready = True
        self._take(self._front.begin())
        self._notify.ready(f"{self._values.mode.name.title()} mode, keys and display taken")
        _log.info("the station is ready", extra=event("ready"))

    def _take(self, wish: Wish) -> None:
        """Do what the owner wants."""
        self._resets += wish.resets
        if wish.effect is not None and wish.effect != self._values:
            self._values = wish.effect
            self._peers.use(self._values)
            self._urgent.set()
        if wish.save:
            self._saving = self._loop.create_task(self._save(wish.save))
        if wish.resets:
            self._urgent.set()
        self._cards.confirmed(wish.confirmed)
        if wish.renew and self._display is not None:
            self._display.renew()

    async def _save(self, changes: Mapping[str, Value]) -> None:
        """Keep what the menu changed; when that is not possible it stays in effect and that is said."""
        before = self._store.values
        try:
            kept = await self._loop.run_in_executor(self._disk, self._store.save, changes)
        except SettingsError as error:
            _log.error("%s; until the next start the change is in effect all the same", error, extra=event("keeping"))
            self._take(self._front.outside(self._values))
        else:
            self._say_changed(before, kept)
            self._take(self._front.outside(kept))

    def _say_changed(self, before: Values, now: Values) -> None:
        for key in now.different(before):
            row = TABLE.row(key)
            told = row.name, row.text(now[key]), row.text(before[key])
            _log.info("%s is now %s (was %s)", *told, extra={**event("setting"), "EVSE_SETTING": row.name})

    def _say_notices(self) -> None:
        for sentence in self._store.take_notices():
            _log.warning("%s", sentence, extra=event("keeping"))
