import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from smartevse.core.fault_texts import TEXTS
from smartevse.core.faults import Fault
from smartevse.core.message_ids import EVENTS, MESSAGE_IDS
from smartevse.station.catalogue import catalogue

FILE = Path(__file__).parent.parent / "systemd" / "smartevse.catalog"
JOURNALCTL = shutil.which("journalctl")
HEADERS = {"Subject", "Defined-By", "Support", "Documentation"}
FIELDS = {"EVSE_STATE"}
"""The fields that every line of the station carries."""


def entries(text: str) -> dict[str, tuple[Mapping[str, str], str]]:
    """The catalogue by systemd's rules: id, header lines, one blank line, text up to the next id."""
    found: dict[str, tuple[Mapping[str, str], str]] = {}
    head, *blocks = re.split(r"^-- ", text, flags=re.MULTILINE)
    assert all(line.startswith("#") for line in head.splitlines())
    for block in blocks:
        number, rest = block.split("\n", 1)
        assert re.fullmatch(r"[0-9a-f]{32}", number), number
        assert number not in found, f"{number} twice"
        top, body = rest.split("\n\n", 1)
        headers = dict(line.split(": ", 1) for line in top.splitlines())
        assert set(headers) == HEADERS
        found[number] = headers, body
    return found


def test_the_file_is_what_the_table_of_faults_gives() -> None:
    assert FILE.read_text("utf-8") == catalogue(), (
        "run: python -m smartevse.station.catalogue > systemd/smartevse.catalog"
    )


def test_every_fault_has_an_id_of_its_own_and_an_entry_with_cause_and_remedy() -> None:
    assert set(MESSAGE_IDS) == set(Fault)
    found = entries(FILE.read_text("utf-8"))
    assert set(found) == {*MESSAGE_IDS.values(), *(event.message_id for event in EVENTS.values())}
    assert len(found) == len(MESSAGE_IDS) + len(EVENTS)
    for fault in Fault:
        headers, body = found[MESSAGE_IDS[fault]]
        flat = " ".join(body.split())
        assert headers["Subject"] in TEXTS[fault].sentence
        assert f"Cause: {TEXTS[fault].cause}" in flat
        assert f"Remedy: {TEXTS[fault].remedy}" in flat
        assert set(re.findall(r"@(\w*)@", body)) <= FIELDS
        assert all(len(line) <= 80 for line in body.splitlines())


def test_every_kind_of_event_has_an_entry_that_says_what_it_means() -> None:
    found = entries(FILE.read_text("utf-8"))
    for event in EVENTS.values():
        headers, body = found[event.message_id]
        assert headers["Subject"] == event.subject
        assert event.text in " ".join(body.split())
        assert all(len(line) <= 80 for line in body.splitlines())


def test_an_id_that_was_published_never_changes() -> None:
    assert MESSAGE_IDS[Fault.PILOT_SHORT] == "1a316c7d5f4d42469832b34b792242bc"
    assert EVENTS["connected"].message_id == "3cbb5c1514c5420a8b403fb1ae1fe2b2"
    assert MESSAGE_IDS[Fault.EV_METER] == "2609a88ef34846c2a5d0f480a68c5d6d"


@pytest.mark.skipif(JOURNALCTL is None, reason="journalctl is not installed (Debian: apt install systemd)")
def test_systemd_compiles_the_catalogue_and_finds_every_fault(tmp_path: Path) -> None:
    folder = tmp_path / "usr/lib/systemd/catalog"
    folder.mkdir(parents=True)
    (tmp_path / "var/lib/systemd/catalog").mkdir(parents=True)
    shutil.copy(FILE, folder)

    def journalctl(word: str) -> str:
        done = subprocess.run(
            [str(JOURNALCTL), word, f"--root={tmp_path}"], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    journalctl("--update-catalog")
    listed = dict(line.split(" smartevse: ") for line in journalctl("--list-catalog").splitlines())
    faults = {MESSAGE_IDS[fault]: TEXTS[fault].sentence.removesuffix(".") for fault in Fault}
    assert listed == faults | {event.message_id: event.subject for event in EVENTS.values()}
