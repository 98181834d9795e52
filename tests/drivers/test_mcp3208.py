"""The converter's language, as its data sheet has it."""

from __future__ import annotations

import pytest

from smartevse.drivers.mcp3208 import code, request


@pytest.mark.parametrize(
    ("channel", "request_bytes"),
    [(0, b"\x06\x00\x00"), (3, b"\x06\xc0\x00"), (4, b"\x07\x00\x00"), (7, b"\x07\xc0\x00")],
)
def test_the_converter_is_asked_as_its_data_sheet_says(channel: int, request_bytes: bytes) -> None:
    assert request(channel) == request_bytes


def test_the_converters_answer_is_twelve_bits() -> None:
    assert code(b"\xff\xff\xff") == 4095
    assert code(b"\x00\xe8\x01") == 0x801


@pytest.mark.parametrize("count", [0, 2, 4])
def test_an_answer_of_another_length_is_no_reading(count: int) -> None:
    with pytest.raises(ValueError, match="instead of 3"):
        code(bytes(count))
