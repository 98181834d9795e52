"""The person's end of the twin's control socket: one command a line, one reply a line."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

ANSWER_S = 3.0
"""A twin that takes longer for an answer counts as gone."""


class ControlError(Exception):
    """The twin refused a command or is gone; the text is one sentence."""


class ControlClient:
    """A connection to the control socket at `path`. Raises ControlError when nobody serves it."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(ANSWER_S)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise ControlError(f"the twin does not listen at {path} ({error.strerror or error})") from error
        self._reader: TextIO = self._socket.makefile("r", encoding="utf-8")

    def do(self, command: str) -> str:
        """The twin's reply. Raises ControlError with the twin's own sentence when it refuses, or when it is gone."""
        try:
            self._socket.sendall(command.encode() + b"\n")
            reply = self._reader.readline()
        except OSError as error:
            raise ControlError(f"the twin does not answer ({error}): start the demo again") from error
        if not reply:
            raise ControlError("the twin has ended: start the demo again")
        if reply.startswith("error:"):
            raise ControlError(reply.removeprefix("error:").strip())
        return reply.rstrip("\n")

    def ask(self, command: str) -> Mapping[str, Any]:
        """The reply of a command that answers with a JSON object."""
        answer: Mapping[str, Any] = json.loads(self.do(command))
        return answer

    def close(self) -> None:
        """Let the twin go."""
        self._reader.close()
        self._socket.close()
