"""The set-up page as pure text: networks to choose from, a password, what is wrong; nothing comes from elsewhere.

A password is never part of a page.
"""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from smartevse.wifi.radio import Network, Security

FORM_BYTES = 2048
"""The most that the form sends."""

_STYLE = (
    "*{box-sizing:border-box}body{margin:0;font:1.05rem/1.5 system-ui,sans-serif;background:#f3f5f4;color:#16211b}"
    "main{max-width:26rem;margin:0 auto;padding:1.25rem}h1{font-size:1.4rem;margin:.5rem 0 1rem}"
    "label{display:block;font-weight:600;margin:1rem 0 .3rem}"
    "select,input,button{width:100%;font:inherit;padding:.7rem;border:1px solid #6b7a72;border-radius:.5rem;"
    "background:#fff;color:inherit}button{margin-top:1.5rem;background:#0b6b3a;border-color:#0b6b3a;color:#fff;"
    "font-weight:600}:focus-visible{outline:3px solid #1a73e8;outline-offset:2px}"
    ".error{background:#fdecea;border-left:.3rem solid #b3261e;padding:.7rem;border-radius:.3rem}"
    "small{display:block;color:#44524a}"
    "@media(prefers-color-scheme:dark){body{background:#121715;color:#e6ece8}select,input{background:#1d2421;"
    "border-color:#8b9a92}small{color:#b0bdb5}.error{background:#3b1513}}"
)


def frame(title: str, inside: str) -> str:
    """A whole page."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{inside}</main></body></html>"
    )


def form(networks: tuple[Network, ...], token: str, *, chosen: str = "", other: str = "", error: str = "") -> str:
    """The page with the form; `chosen` and `other` keep what was typed, `token` proves that the form is ours."""
    choices = "".join(_option(network, chosen) for network in networks)
    alert = f'<p class="error" role="alert" id="error">{escape(error)}</p>' if error else ""
    described = ' aria-describedby="error"' if error else ""
    return frame(
        "Set up WiFi",
        "<h1>Connect this charger to WiFi</h1>"
        f'{alert}<form method="post" action="/">'
        f'<input type="hidden" name="token" value="{escape(token)}">'
        f'<label for="network">Network</label><select id="network" name="network"{described}>'
        f'<option value="">{"Choose a network" if networks else "No network was found"}</option>{choices}</select>'
        '<label for="other">Or the name of a hidden network</label>'
        f'<input id="other" name="other" maxlength="32" value="{escape(other)}" autocomplete="off"'
        ' autocapitalize="none" spellcheck="false">'
        '<label for="password">Password of the network</label>'
        f'<input id="password" name="password" type="password" maxlength="64" autocomplete="off"{described}>'
        "<small>Leave it empty for a network without a password.</small>"
        '<button type="submit">Connect</button></form>',
    )


def joining(name: str) -> str:
    """The page after the form: what happens now, as the phone will lose us."""
    return frame(
        "Connecting",
        f"<h1>Connecting to {escape(name)}</h1>"
        "<p>This charger now leaves its own network, and this page with it. Its display tells how it went.</p>"
        "<p>If it did not work, its own network is back within a minute: join that again and open this page.</p>",
    )


def refused(sentence: str) -> str:
    """A page with nothing but a sentence."""
    return frame("Set up WiFi", f'<p class="error" role="alert">{escape(sentence)}</p>')


def _option(network: Network, chosen: str) -> str:
    words = {Security.OPEN: ", no password", Security.OTHER: ", not possible"}.get(network.security, "")
    marks = (" selected" if network.name == chosen else "") + (
        " disabled" if network.security is Security.OTHER else ""
    )
    return (
        f'<option value="{escape(network.name)}"{marks}>{escape(network.name)} ({network.strength} %{words})</option>'
    )


def fields(body: bytes) -> dict[str, str]:
    """The fields of a form that was sent, each once. Raises ValueError for what no form of ours sends."""
    try:
        found = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=8, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise ValueError("that is no form of this page: open it again") from error
    return {name: values[-1] for name, values in found.items()}
