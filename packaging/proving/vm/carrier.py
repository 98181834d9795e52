"""Passes connections from one address on to another: the twin listens to its own machine alone, as pigpiod does.

`carrier.py HOST PORT` takes connections at HOST:PORT and carries them to 127.0.0.1:PORT.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import sys


def main(host: str, port: int) -> None:
    """Carry until somebody ends the process."""
    selector = selectors.DefaultSelector()
    server = socket.create_server((host, port))
    selector.register(server, selectors.EVENT_READ, None)
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                _take(selector, server, port)
            elif key.fd in selector.get_map():
                _carry(selector, *key.data)


def _take(selector: selectors.BaseSelector, server: socket.socket, port: int) -> None:
    near, _ = server.accept()
    try:
        far = socket.create_connection(("127.0.0.1", port))
    except OSError:
        near.close()
        return
    for one, other in ((near, far), (far, near)):
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(one, selectors.EVENT_READ, (one, other))


def _carry(selector: selectors.BaseSelector, source: socket.socket, target: socket.socket) -> None:
    data = b""
    with contextlib.suppress(OSError):
        data = source.recv(65536)
        target.sendall(data)
    if not data:
        for end in (source, target):
            selector.unregister(end)
            end.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
