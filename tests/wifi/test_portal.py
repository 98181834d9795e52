"""The set-up page over plain HTTP."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from smartevse.wifi.portal import MOST_AT_ONCE, Portal
from smartevse.wifi.setup import Phase, View
from tests.wifi.radios import NETWORKS


class Site:
    """A portal and what it was given."""

    def __init__(self) -> None:
        self.view = View(Phase.OPEN, "smartevse-ab23", "secret-of-ap", "127.0.0.1", NETWORKS)
        self.chosen: list[tuple[str, str]] = []
        self.portal = Portal("127.0.0.1", lambda: self.view, lambda *choice: self.chosen.append(choice), 0)
        self.port = int(self.portal.url.rsplit(":", 1)[1].rstrip("/"))

    def ask(self, method: str, path: str = "/", body: bytes | None = None) -> tuple[int, str, dict[str, str]]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.getheaders())
        finally:
            connection.close()

    def send(self, **fields: str) -> tuple[int, str]:
        found = re.search(r'name="token" value="([^"]+)"', self.ask("GET")[1])
        assert found
        body = urlencode({"token": found[1], "network": "", "other": "", "password": "", **fields})
        status, page, _ = self.ask("POST", "/", body.encode())
        return status, page


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.portal.close()


class Inputs(HTMLParser):
    """The inputs of a page and what is labelled; anything that would be loaded."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inputs: set[str] = set()
        self.labelled: set[str] = set()
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("input", "select") and found.get("type") != "hidden":
            self.inputs.add(str(found.get("id")))
        if tag == "label":
            self.labelled.add(str(found.get("for")))
        self.loads += [str(found[name]) for name in ("src", "href") if name in found]


def test_the_page_stands_alone_and_labels_every_input(site: Site) -> None:
    status, page, headers = site.ask("GET")
    inputs = Inputs(page)
    assert status == 200
    assert inputs.inputs == inputs.labelled == {"network", "other", "password"}
    assert inputs.loads == []
    assert "url(" not in page
    assert 'name="viewport"' in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert len(page) < 8192


def test_names_of_networks_are_shown_as_text(site: Site) -> None:
    page = site.ask("GET")[1]
    assert "Café &lt;b&gt;&amp;" in page
    assert "<b>" not in page


def test_a_choice_is_handed_on_once_and_the_page_tells_what_follows(site: Site) -> None:
    status, page = site.send(network="Home", password="correct horse")
    assert status == 200
    assert site.chosen == [("Home", "correct horse")]
    assert "Connecting to Home" in page


def test_a_hidden_network_counts_more_than_the_list(site: Site) -> None:
    site.send(network="Home", other=" Secret ", password="correct horse")
    assert site.chosen == [("Secret", "correct horse")]


def test_no_page_has_a_password(site: Site) -> None:
    pages = [site.send(network="Home", password="short")[1], site.send(network="Office", password="long-enough")[1]]
    pages += [site.send(network="Home", password="correct horse")[1], site.ask("GET")[1]]
    for password in ("short", "long-enough", "correct horse", "secret-of-ap"):
        assert not any(f'"{password}"' in page or f">{password}" in page for page in pages)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"network": "Home", "password": "short"}, "8 to 63"),
        ({"network": "", "other": " "}, "Choose a network"),
        ({"network": "Office", "password": "long enough"}, "more than a password"),
        ({"other": "é" * 20, "password": "long enough"}, "at most 32"),
    ],
)
def test_a_bad_choice_gets_one_sentence_and_keeps_what_was_chosen(
    site: Site, fields: dict[str, str], sentence: str
) -> None:
    status, page = site.send(**fields)
    assert status == 422
    (alert,) = re.findall(r'role="alert"[^>]*>([^<]+)<', page)
    assert sentence in alert
    assert alert.count(".") == 1
    if fields.get("network") == "Home":
        assert '<option value="Home" selected>' in page
    if fields.get("other", "").strip():
        assert f'value="{fields["other"]}"' in page
    assert site.chosen == []


def test_why_the_last_try_failed_is_on_the_page(site: Site) -> None:
    site.view = View(Phase.OPEN, networks=NETWORKS, chosen="Home", error="The password is not the one of Home.")
    page = site.ask("GET")[1]
    assert 'role="alert" id="error">The password is not the one of Home.<' in page
    assert '<option value="Home" selected>' in page


def test_every_other_address_leads_to_the_page(site: Site) -> None:
    for path in ("/generate_204", "/hotspot-detect.html", "/a?b=c", "//evil"):
        status, _, headers = site.ask("GET", path)
        assert (status, headers["Location"]) == (302, site.portal.url)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 403),
        (b"network=Home&password=correct+horse", 403),
        (b"token=guessed&network=Home&password=correct+horse", 403),
        (b"\xff\xfe", 400),
        (b"a=1&" * 50, 400),
        (b"%ff%fe=1", 400),
        (b"x" * 3000, 413),
    ],
)
def test_what_is_no_form_of_ours_changes_nothing(site: Site, body: bytes, status: int) -> None:
    assert site.ask("POST", "/", body)[0] == status
    assert site.chosen == []


def test_a_port_that_another_program_has_is_left_to_it(site: Site) -> None:
    second = Portal("127.0.0.1", lambda: site.view, lambda *_: None, site.port)
    assert second.url not in (site.portal.url, "http://127.0.0.1:0/")
    second.close()
    with pytest.raises(OSError, match="assign"):
        Portal("192.0.2.1", lambda: site.view, lambda *_: None, 0)


def test_phones_that_hang_do_not_keep_the_others_out_for_good(site: Site) -> None:
    hanging = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(MOST_AT_ONCE - 1)]
    assert site.ask("GET")[0] == 200
    for one in hanging:
        one.close()
    assert site.ask("GET")[0] == 200
