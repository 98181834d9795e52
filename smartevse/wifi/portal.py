"""Serves the set-up page in the network of the access point; a few requests at a time, each short."""

from __future__ import annotations

import errno
import hmac
import secrets
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from smartevse.wifi import page
from smartevse.wifi.setup import View, problem

PORT = 8080
"""Where the page is served, or anywhere else when another program has that."""
REQUEST_S = 10.0
"""A phone that says nothing for so long is let go."""
MOST_AT_ONCE = 8

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Portal:
    """The page at an address; raises OSError where nothing can listen there."""

    def __init__(
        self, address: str, view: Callable[[], View], submit: Callable[[str, str], None], port: int = PORT
    ) -> None:
        """`submit(name, password)` takes over a choice that passed every check; called from a thread of this portal."""
        self._token = secrets.token_urlsafe(16)
        self._view, self._submit = view, submit
        try:
            self._server = _Server((address, port), self._handler())
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            self._server = _Server((address, 0), self._handler())
        self.url = f"http://{address}:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="portal", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Serve nobody any more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def get(self) -> str:
        """The page as it is now."""
        view = self._view()
        return page.form(view.networks, self._token, chosen=view.chosen, error=view.error)

    def post(self, body: bytes) -> tuple[HTTPStatus, str]:
        """What a form does: the page that answers it."""
        view = self._view()
        try:
            sent = page.fields(body)
        except ValueError as error:
            return HTTPStatus.BAD_REQUEST, page.refused(str(error))
        if not hmac.compare_digest(sent.get("token", "").encode(), self._token.encode()):
            return HTTPStatus.FORBIDDEN, page.refused("This page is from an earlier set-up: open it again.")
        chosen, other, password = sent.get("network", ""), sent.get("other", "").strip(), sent.get("password", "")
        name = other or chosen
        known = next((network.security for network in view.networks if network.name == name), None)
        wrong = problem(name, password, known)
        if wrong:
            again = page.form(view.networks, self._token, chosen=chosen, other=other, error=wrong)
            return HTTPStatus.UNPROCESSABLE_ENTITY, again
        self._submit(name, password)
        return HTTPStatus.OK, page.joining(name)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        portal = self

        class Handler(BaseHTTPRequestHandler):
            """One phone's requests."""

            timeout = REQUEST_S
            server_version, sys_version = "smartevse", ""

            def do_GET(self) -> None:
                """The page; every other address leads to it, as phones try some to find out where they are."""
                if self.path.split("?")[0] == "/":
                    self._answer(HTTPStatus.OK, portal.get())
                else:
                    self._answer(HTTPStatus.FOUND, "", Location=portal.url)

            def do_POST(self) -> None:
                """The form."""
                length = self.headers.get("Content-Length", "")
                if not (length.isascii() and length.isdecimal()) or int(length) > page.FORM_BYTES:
                    self.close_connection = True
                    self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, page.refused("That is too much for this page."))
                    return
                self._answer(*portal.post(self.rfile.read(int(length))))

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing is logged: what phones ask for is nobody's business."""

            def _answer(self, status: HTTPStatus, text: str, **headers: str) -> None:
                body = text.encode()
                self.send_response(status)
                sent = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)), **_HEADERS}
                for name, value in {**sent, **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        return Handler


class _Server(ThreadingHTTPServer):
    """At most so many phones at once: more are not answered."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, *arguments: Any) -> None:
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Hand a request to a thread, if one is free."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """In the thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """A phone that went away in the middle is nothing to tell."""
