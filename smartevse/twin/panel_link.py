"""The panel's way to the twin: one thread that hands over commands and looks ten times a second.

So a twin that is slow for a moment never makes the panel stutter.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from smartevse.twin.demo_control import ControlClient, ControlError
from smartevse.twin.panel_model import Picture, picture

LOOK_EVERY_S = 0.1


class Link:
    """`deliver` is called from the thread: with every picture, and with a sentence for every command refused."""

    def __init__(self, client: ControlClient, deliver: Callable[[Picture | str], object]) -> None:
        self._client = client
        self._deliver = deliver
        self._commands: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="twin", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def do(self, *commands: str) -> None:
        """Hand commands over, in this order; returns at once."""
        for command in commands:
            self._commands.put(command)

    def stop(self) -> None:
        """Look no more."""
        self._commands.put(None)
        self._thread.join(2 * LOOK_EVERY_S)

    def _run(self) -> None:
        try:
            self._serve()
        finally:
            self._client.close()

    def _serve(self) -> None:
        look_at_s = 0.0
        while True:
            try:
                command = self._commands.get(timeout=max(0.0, look_at_s - time.monotonic()))
            except queue.Empty:
                look_at_s = time.monotonic() + LOOK_EVERY_S
                if not self._look():
                    return
                continue
            if command is None:
                return
            try:
                self._client.do(command)
            except ControlError as error:
                self._deliver(str(error))

    def _look(self) -> bool:
        """One picture; False when the twin is gone, which its process's end will say better."""
        try:
            self._deliver(picture(self._client.ask("state")))
        except ControlError as error:
            self._deliver(str(error))
            return False
        return True
