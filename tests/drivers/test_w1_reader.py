from __future__ import annotations

from pathlib import Path

import pytest

from smartevse.drivers.card_reader import ReaderError
from smartevse.drivers.w1_reader import W1Reader


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    (tmp_path / "w1_bus_master1").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("folder", "number"),
    [
        ("01-4e3d2c1b0a04", "040a1b2c3d4e"),  # the line had 01 04 0a 1b 2c 3d 4e 22
        ("01-0000efbeadde", "deadbeef0000"),
        ("04-f6e5d4c3b2a1", "04a1b2c3d4e5f6"),  # a later reader: 04 a1 b2 c3 d4 e5 f6 46
    ],
)
def test_the_number_is_as_the_line_had_it(devices: Path, folder: str, number: str) -> None:
    reader = W1Reader(devices)
    assert reader.card() is None
    (devices / folder).mkdir()
    assert reader.card() == bytes.fromhex(number)
    (devices / folder).rmdir()
    assert reader.card() is None


def test_noise_on_a_line_without_a_reader_is_no_card(devices: Path) -> None:
    (devices / "00-400000000000").mkdir()
    assert W1Reader(devices).card() is None


def test_a_kernel_without_the_bus_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match=r"no 1-wire bus: put dtoverlay=w1-gpio,gpiopin=4 into config\.txt"):
        W1Reader(tmp_path)
    with pytest.raises(ReaderError, match="cannot be read"):
        W1Reader(tmp_path / "devices")


def test_a_bus_that_goes_away_is_an_error(devices: Path) -> None:
    reader = W1Reader(devices)
    (devices / "w1_bus_master1").rmdir()
    with pytest.raises(ReaderError):
        reader.card()
