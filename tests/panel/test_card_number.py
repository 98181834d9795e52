from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.panel import card_number

NUMBERS = st.sampled_from(card_number.SIZES).flatmap(lambda size: st.binary(min_size=size, max_size=size))


@pytest.mark.parametrize("padded", ["04a1b2c3", "04a1b2c30000", "04a1b2c3000000"])
def test_a_short_number_is_the_same_however_a_reader_fills_it(padded: str) -> None:
    assert card_number.canonical(bytes.fromhex(padded)) == bytes.fromhex("04a1b2c3")


@pytest.mark.parametrize("number", ["04a1b2c3d4e5", "04a1b2c3d4e5f6", "04a1b2c3d4e5f6a7b8c9", "04a1b2c300000000a7b8"])
def test_a_longer_number_stays_whole(number: str) -> None:
    assert card_number.canonical(bytes.fromhex(number)) == bytes.fromhex(number)


@pytest.mark.parametrize("size", [0, 1, 3, 5, 8, 9, 11])
def test_a_length_that_no_card_has_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"has {size} bytes, but only 4, 6, 7 or 10 exist"):
        card_number.canonical(bytes(size))


@given(NUMBERS)
def test_what_is_shown_can_be_typed(number: bytes) -> None:
    assert card_number.parse(card_number.text(number).lower()) == card_number.canonical(number)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_number_or_refused(typed: str) -> None:
    with contextlib.suppress(ValueError):
        assert len(card_number.parse(typed)) in card_number.SIZES


@given(st.text("0123456789abcdefg:", max_size=30).filter(lambda typed: len(typed) not in (8, 10, 12, 14, 20)))
def test_what_is_no_number_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"card.* (bytes|card number)"):
        card_number.parse(typed)


def test_ten_decimal_digits_are_the_four_bytes() -> None:
    assert card_number.parse("0077705923\n") == bytes.fromhex("04a1b2c3")


def test_ten_decimal_digits_that_are_too_large_are_refused() -> None:
    with pytest.raises(ValueError, match="5 bytes"):
        card_number.parse("4294967296")


def test_a_phones_number_is_known_as_random() -> None:
    assert card_number.is_random(bytes.fromhex("08a1b2c3"))
    assert not card_number.is_random(bytes.fromhex("04a1b2c3"))
    assert not card_number.is_random(bytes.fromhex("08a1b2c3d4e5f6"))
