from smartevse.core.capacity import LEAST_PEAK_W, QUARTER_S, Quarter, amps_of, in_the_quarter, of_the_hour

BLOCKS = [(360, 4000), (1320, 9000)]


def test_the_block_of_the_hour_applies_and_before_the_first_the_last() -> None:
    assert of_the_hour(BLOCKS, 400) == amps_of(4000) == 16
    assert of_the_hour(BLOCKS, 1400) == of_the_hour(BLOCKS, 0) == amps_of(9000)
    assert of_the_hour([], 0) is None


def test_using_what_is_allowed_keeps_the_quarter_below_the_peak() -> None:
    quarter, import_wh, start = Quarter(), 5000.0, 1_000_000 * QUARTER_S
    for second in range(QUARTER_S):
        quarter, amps = in_the_quarter(quarter, start + second, 6, import_wh)
        assert amps is not None
        import_wh += min(amps, 60) * 230 / 3600
    assert import_wh - 5000 <= LEAST_PEAK_W * QUARTER_S / 3600


def test_a_higher_quarter_raises_the_peak_until_the_month_is_over() -> None:
    start = 1_000_000 * QUARTER_S
    quarter, _ = in_the_quarter(Quarter(), start, 6, 0)
    quarter, _ = in_the_quarter(quarter, start + QUARTER_S, 6, 1000)
    assert quarter.peak_w == 4000
    quarter, _ = in_the_quarter(quarter, start + 2 * QUARTER_S, 7, 1100)
    assert quarter.peak_w == LEAST_PEAK_W


def test_a_number_that_cannot_be_true_leaves_the_fixed_limit() -> None:
    for wall, energy in ((float("nan"), 0.0), (0.0, float("inf")), (-1.0, 0.0)):
        assert in_the_quarter(Quarter(), wall, 1, energy)[1] is None
    quarter, _ = in_the_quarter(Quarter(), QUARTER_S * 10, 1, 500)
    again, amps = in_the_quarter(quarter, QUARTER_S * 10 + 60, 1, 100)  # the counter ran backwards
    assert again.began_wh == 100
    assert amps is not None
