import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from smartevse.core.signals import Permit
from smartevse.guard.link import ACCEPT_EVERY_TICKS, FRAMES_A_TICK, Link
from smartevse.guard.wire import PERMIT_BYTES, PERMIT_TTL_MS, Refusal, Status, pack_permit, unpack_status

NOW_NS = 5_000_000_000
OFFER_AT = 16
PERMIT = Permit(160, True)


@pytest.fixture
def link(tmp_path: Path) -> Iterator[Link]:
    link = Link(tmp_path / "guard.sock")
    yield link
    link.close()


def offering(offer_da: int) -> bytes:
    """A frame that offers a current that `pack_permit` would not write."""
    frame = bytearray(pack_permit(PERMIT, 2, NOW_NS))
    frame[OFFER_AT : OFFER_AT + 2] = (offer_da & 0xFFFF).to_bytes(2, "little")
    return bytes(frame)


def station(link: Link, tmp_path: Path) -> socket.socket:
    end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    end.connect(str(tmp_path / "guard.sock"))
    end.settimeout(1)
    for _ in range(ACCEPT_EVERY_TICKS):
        link.permit(NOW_NS)
    return end


def test_a_permit_holds_until_its_life_is_over(link: Link, tmp_path: Path) -> None:
    with station(link, tmp_path) as end:
        end.send(pack_permit(PERMIT, 1, NOW_NS))
        assert link.permit(NOW_NS) == PERMIT
        assert link.permit(NOW_NS + PERMIT_TTL_MS * 1_000_000) == PERMIT
        assert link.permit(NOW_NS + PERMIT_TTL_MS * 1_000_000 + 1) is None


def test_a_station_that_dies_leaves_its_permit_for_its_life_and_may_come_back(link: Link, tmp_path: Path) -> None:
    with station(link, tmp_path) as end:
        end.send(pack_permit(PERMIT, 7, NOW_NS))
        link.permit(NOW_NS)
    assert link.permit(NOW_NS + 1) == PERMIT
    with station(link, tmp_path) as end:
        end.send(pack_permit(replace(PERMIT, offer_da=100), 1, NOW_NS + 2))
        assert link.permit(NOW_NS + 3) == replace(PERMIT, offer_da=100)


def test_a_permit_sent_while_the_tick_waited_for_pigpiod_counts_and_lives_no_longer_for_it(
    link: Link, tmp_path: Path
) -> None:
    with station(link, tmp_path) as end:
        end.send(pack_permit(PERMIT, 1, NOW_NS + 250_000_000))
        assert link.permit(NOW_NS) == PERMIT
        assert link.refusal is Refusal.NONE
        assert link.permit(NOW_NS + PERMIT_TTL_MS * 1_000_000 + 1) is None


@pytest.mark.parametrize(
    ("frame", "refusal"),
    [
        (b"x", Refusal.MALFORMED),
        (bytes(range(PERMIT_BYTES)), Refusal.MALFORMED),
        (b"\xff" * 60_000, Refusal.MALFORMED),
        (offering(801), Refusal.MALFORMED),
        (offering(1600), Refusal.MALFORMED),
        (offering(59), Refusal.MALFORMED),
        (offering(-160), Refusal.MALFORMED),
        (pack_permit(PERMIT, 2, NOW_NS)[:-1], Refusal.MALFORMED),
        (pack_permit(PERMIT, 2, NOW_NS) + b"x" * 5000, Refusal.MALFORMED),
        (pack_permit(PERMIT, 1, NOW_NS), Refusal.STALE),
        (pack_permit(PERMIT, 2, NOW_NS - 1_000_000_001), Refusal.STALE),
        (pack_permit(PERMIT, 2, NOW_NS + 300_000_001), Refusal.STALE),
        (pack_permit(PERMIT, 2, 2**64 - 1), Refusal.STALE),
    ],
)
def test_a_frame_that_is_no_fresh_permit_is_refused_and_changes_nothing(
    link: Link, tmp_path: Path, frame: bytes, refusal: Refusal
) -> None:
    good = replace(PERMIT, offer_da=70)
    with station(link, tmp_path) as end:
        end.send(pack_permit(good, 1, NOW_NS))
        end.send(frame)
        assert link.permit(NOW_NS) == good
        assert link.refusal is refusal
        end.send(pack_permit(PERMIT, 3, NOW_NS))
        assert link.permit(NOW_NS) == PERMIT
        assert link.refusal is Refusal.NONE


def test_a_second_station_is_told_so_and_the_first_goes_on(link: Link, tmp_path: Path) -> None:
    with station(link, tmp_path) as first, station(link, tmp_path) as second:
        assert unpack_status(second.recv(200)).refusal is Refusal.SECOND_STATION
        assert second.recv(200) == b""
        first.send(pack_permit(PERMIT, 1, NOW_NS))
        assert link.permit(NOW_NS) == PERMIT


def test_a_flood_of_frames_cannot_keep_the_guard(link: Link, tmp_path: Path) -> None:
    with station(link, tmp_path) as end:
        end.setblocking(False)
        sent = 0
        try:
            while True:
                end.send(pack_permit(replace(PERMIT, resets=sent % 256), sent, NOW_NS))
                sent += 1
        except BlockingIOError:
            pass
        assert sent > FRAMES_A_TICK
        permit = link.permit(NOW_NS)
        assert permit is not None
        assert permit.resets == FRAMES_A_TICK - 1


def test_a_station_that_starts_anew_does_not_reset_faults_and_a_press_after_it_does(link: Link, tmp_path: Path) -> None:
    seen = []
    for counts in ((5, 6), (0, 0, 1), (250,)):
        with station(link, tmp_path) as end:
            for sequence, count in enumerate(counts):
                end.send(pack_permit(replace(PERMIT, resets=count), sequence, NOW_NS))
                permit = link.permit(NOW_NS)
                assert permit is not None
                seen.append(permit.resets)
        link.permit(NOW_NS)
    assert seen == [0, 1, 1, 1, 2, 2]


def test_a_station_that_does_not_read_does_not_stop_the_guard(link: Link, tmp_path: Path) -> None:
    with station(link, tmp_path) as end:
        for sequence in range(5000):
            link.send(Status(sequence=sequence))
        end.send(pack_permit(PERMIT, 1, NOW_NS))
        assert link.permit(NOW_NS) == PERMIT


def test_only_the_services_own_user_can_reach_the_socket(link: Link, tmp_path: Path) -> None:
    assert (tmp_path / "guard.sock").stat().st_mode & 0o777 == 0o600


NOBODY = 65534


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """What is done in here is done by a user without any rights."""
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user_cannot_reach_the_socket_and_is_not_heard_when_he_can() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as end:
        Path(folder).chmod(0o755)
        path = Path(folder) / "guard.sock"
        link = Link(path)
        with contextlib.closing(link):
            with as_nobody(), pytest.raises(PermissionError):
                end.connect(str(path))
            path.chmod(0o666)  # somebody was careless
            with as_nobody():
                end.connect(str(path))
            end.send(pack_permit(PERMIT, 1, NOW_NS))
            for _ in range(2 * ACCEPT_EVERY_TICKS):
                assert link.permit(NOW_NS) is None
            end.settimeout(1)
            assert not told(end)


def told(end: socket.socket) -> bytes:
    """What a station hears; nothing when it was hung up on."""
    try:
        return end.recv(200)
    except ConnectionResetError:
        return b""


def test_a_second_guard_does_not_take_the_socket_away(link: Link, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="another guard listens"):
        Link(tmp_path / "guard.sock")


def test_a_socket_left_behind_by_a_killed_guard_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "guard.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as left:
        left.bind(str(path))
    Link(path).close()
    assert not path.exists()
