"""The socket on which the running station is told things: one line in, one line back, beside the stored settings.

Who may write to the state directory's group may tell. It never blocks: slow and silent callers are dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from pathlib import Path

from smartevse.station.told import ToldError

FILE_NAME = "station.sock"
OK, REFUSED = "ok: ", "refused: "
"""How an answer begins."""
MOST_BYTES = 256
"""The longest line."""
PATIENCE_S = 2.0
"""How long a caller may take to say something and to listen."""
MOST_CALLERS = 8

_log = logging.getLogger("smartevse.station")


class Hearing:
    """Listens in `directory`. `hear` does what a line says and gives the answer, or raises ToldError."""

    def __init__(self, directory: Path, hear: Callable[[str], str]) -> None:
        self._path = directory / FILE_NAME
        self._hear = hear
        self._callers = 0

    async def run(self) -> None:
        """Listen until cancelled. Where that is not possible it is said once, and all else goes on."""
        try:
            _clear(self._path)
            server = await asyncio.start_unix_server(self._attend, self._path, limit=MOST_BYTES, backlog=MOST_CALLERS)
            self._path.chmod(0o660)
        except OSError as error:
            _log.warning(
                "nobody can tell the station anything with smartevse tell: %s cannot be made (%s)", self._path, error
            )
            return
        try:
            async with server:
                await server.serve_forever()
        finally:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One caller, from its line to our answer."""
        self._callers += 1
        try:
            async with asyncio.timeout(PATIENCE_S):
                if self._callers > MOST_CALLERS:
                    answer = f"{REFUSED}too many callers at once, try again"
                else:
                    answer = self._answer(await reader.readuntil(b"\n"))
                writer.write(f"{answer}\n".encode())
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # it said nothing that is one line, or has gone
        finally:
            self._callers -= 1
            writer.close()

    def _answer(self, line: bytes) -> str:
        try:
            return f"{OK}{self._hear(line.decode('utf-8', 'replace').strip())}"
        except ToldError as error:
            return f"{REFUSED}{error}"


def _clear(path: Path) -> None:
    """Remove what a station that was killed left; OSError when another one listens."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.2)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError("another station listens there")
