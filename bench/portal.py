"""The set-up page in a real browser against the simulated NetworkManager: `python -m bench.portal [--shots FOLDER]`.

Chromium, as a phone, opens the page of an access point that `wifi.link` opened, makes every mistake there is, and joins
a network. It needs Debian's chromium, dbus-daemon and python3-dbusmock, and `pip install playwright`.
Exit status 1 when something was not as it must be, 2 when it cannot run here.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from smartevse.twin.wireless import SimulatedNetworkManager, missing
from smartevse.wifi.link import WifiLink
from smartevse.wifi.setup import Phase

DEADLINE_S = 30.0
PHONE = {"viewport": {"width": 360, "height": 640}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
LABELS = ("Network", "Or the name of a hidden network", "Password of the network")


class Proof:
    """What was seen, one line each."""

    def __init__(self) -> None:
        self.failed = 0

    def see(self, what: str, true: bool) -> None:
        """Tell whether it is so."""
        self.failed += not true
        sys.stdout.write(f"{'ok    ' if true else 'FAILED'} {what}\n")


def until(true: Callable[[], bool]) -> bool:
    """Whether it becomes true in time."""
    give_up_s = time.monotonic() + DEADLINE_S
    while not true():
        if time.monotonic() > give_up_s:
            return False
        time.sleep(0.05)
    return True


def opened(link: WifiLink) -> str:
    """The address of the page, once it is served."""
    until(lambda: link.view.phase is Phase.OPEN and bool(link.where))
    return f"http://{link.where}/"


def drive(page: Any, link: WifiLink, shots: Path | None, proof: Proof) -> None:
    """Everything a person does on the page."""

    def shot(name: str) -> None:
        if shots is not None:
            page.screenshot(path=str(shots / f"{name}.png"), full_page=True)

    def connect(name: str, password: str) -> None:
        page.get_by_label(LABELS[0], exact=True).select_option(name)
        page.get_by_label(LABELS[2]).fill(password)
        page.get_by_role("button", name="Connect").click()

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    began_s = time.monotonic()
    page.goto(opened(link))
    took_ms = (time.monotonic() - began_s) * 1000
    shot("1-form")
    proof.see(f"the page is there after {took_ms:.0f} ms", page.title() == "Set up WiFi")
    for label in LABELS:
        proof.see(f"{label!r} leads to an input", page.get_by_label(label, exact=True).count() == 1)
    options = page.get_by_label(LABELS[0], exact=True).locator("option").all_inner_texts()
    proof.see(f"the networks are offered: {options[1:]}", options[1].startswith("Home ("))
    wide = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    proof.see("nothing is wider than a phone of 360 points", bool(wide))
    small = page.evaluate(
        "[...document.querySelectorAll('select,#other,#password,button')]"
        ".filter(e => e.getBoundingClientRect().height < 44).length"
    )
    proof.see("everything to be touched is at least 44 points high", small == 0)

    connect("", "correct horse")
    proof.see("no network: one sentence", page.get_by_role("alert").inner_text().startswith("Choose a network"))
    connect("Home", "short")
    shot("2-error")
    alert = page.get_by_role("alert").inner_text()
    proof.see(f"a password that is too short: {alert!r}", "8 to 63" in alert)
    proof.see("the network stays chosen", page.get_by_label(LABELS[0], exact=True).input_value() == "Home")
    proof.see("the password is not sent back", page.get_by_label(LABELS[2]).input_value() == "")

    connect("Home", "wrong horse")
    shot("3-joining")
    proof.see("the page says what follows", "Connecting to Home" in page.inner_text("h1"))
    proof.see("the access point goes", until(lambda: link.view.phase is Phase.JOINING))
    proof.see("a wrong password brings it back", until(lambda: link.view.phase is Phase.OPEN and bool(link.where)))
    page.goto(opened(link) + "generate_204")
    shot("4-wrong-password")
    alert = page.get_by_role("alert").inner_text()
    proof.see(f"any address leads to the page, which tells why: {alert!r}", "not the one of Home" in alert)
    proof.see("the display tells it too", any("wrong password" in link.lines(turn * 4.0) for turn in range(3)))

    connect("Home", "correct horse")
    proof.see("the network is joined", until(lambda: link.view.phase is Phase.DONE))
    proof.see(f"at {link.view.address}", link.view.address == "192.168.1.23")
    proof.see("the page is closed", until(lambda: not link.where))
    own = {url.split("/")[2] for url in asked if url.startswith("http")}
    proof.see(f"the browser asked nobody else ({len(asked)} requests)", all(":" in host for host in own))
    proof.see("no address has a password in it", not any("horse" in url for url in asked))


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", type=Path, help="where to put pictures of the page")
    options = parser.parse_args()
    chromium = shutil.which("chromium")
    why = missing() or ("" if chromium else "no chromium: sudo apt install chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        why = why or "no playwright: pip install playwright"
    if why:
        sys.stderr.write(f"The page cannot be driven here: {why}\n")
        return 2
    if options.shots is not None:
        options.shots.mkdir(parents=True, exist_ok=True)
    proof = Proof()
    with SimulatedNetworkManager() as simulated, sync_playwright() as playwright:
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = simulated.address
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"] if os.getuid() == 0 else []
        )
        link = WifiLink()
        try:
            for scheme in ("light", "dark"):
                link.want_setup(True)
                page = browser.new_context(**PHONE, color_scheme=scheme).new_page()
                drive(page, link, options.shots / scheme if options.shots else None, proof)
                link.want_setup(False)
        finally:
            browser.close()
            link.close()
    sys.stdout.write(f"{'Everything is as it must be.' if not proof.failed else f'{proof.failed} are not.'}\n")
    return 1 if proof.failed else 0


if __name__ == "__main__":
    sys.exit(main())
