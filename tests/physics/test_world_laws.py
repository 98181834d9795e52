"""Laws of the world that hold for any sequence of what a Pi, a person and a fault can do."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartevse.core.pilot import offer_da
from smartevse.physics.ev import EvOptions
from smartevse.physics.faults import FAULTS
from smartevse.physics.mains import VOLTS
from smartevse.physics.world import World
from tests.physics.driver import HAT

PINS = HAT.pins
Act = Callable[[World], object]
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _offer(permille: int) -> Act:
    return lambda world: world.set_pwm(PINS.cp_pwmn, 1000, 1_000_000 - permille * 1000)


def _output(gpio: int, level: bool) -> Act:
    return lambda world: world.set_output(gpio, level)


def _inject(fault: str, on: bool) -> Act:
    return lambda world: world.inject(fault, on)


DUTIES = st.sampled_from([0, 50, 100, 160, 266, 533, 850, 960, 1000])
GUARD_ACTS = st.one_of(
    DUTIES.map(_offer),
    st.sampled_from([PINS.c1_cmd, PINS.c2_cmd]).flatmap(lambda gpio: st.booleans().map(lambda on: _output(gpio, on))),
)
OTHER_PINS = st.sampled_from([PINS.heartbeat, PINS.rcm_test, PINS.lock_r, PINS.lock_w]).flatmap(
    lambda gpio: st.booleans().map(lambda on: _output(gpio, on))
)
EV_ACTS: st.SearchStrategy[Act] = st.sampled_from(
    [
        lambda world: world.ev.plug(),
        lambda world: world.ev.unplug(),
        lambda world: world.ev.ready(True),
        lambda world: world.ev.ready(False),
    ]
)
FAULT_ACTS = st.tuples(st.sampled_from(sorted(FAULTS)), st.booleans()).map(lambda pair: _inject(*pair))
PAUSES_S = st.sampled_from([0.0, 0.0004, 0.003, 0.0101, 0.05, 0.3, 1.7, 20.0])
EVS = st.builds(
    EvOptions,
    phases=st.integers(1, 3),
    max_da=st.sampled_from([160, 320]),
    lag_s=st.sampled_from([0.0, 0.5, 2.0]),
    start_delay_s=st.sampled_from([0.0, 0.2]),
    releases_s=st.sampled_from([0.0, 0.5, 3.0]),
    sleeps_s=st.sampled_from([0.0, 0.0, 0.0, 0.1]),
    battery_wh=st.sampled_from([60_000.0, 60_000.0, 20.0]),
    soc=st.sampled_from([0.1, 0.79, 0.9]),
)
# two things that lead anywhere: most random sequences never get a car to charge
CHARGE: list[tuple[float, Act]] = [
    (0.0, lambda world: world.ev.plug()),
    (0.0, lambda world: world.ev.ready()),
    (0.0, _offer(266)),
    (0.3, _output(PINS.c1_cmd, True)),
    (0.0, _output(PINS.c2_cmd, True)),
    (3.0, lambda world: None),
]
Program = list[tuple[float, Act]]


def programs(*acts: st.SearchStrategy[Act]) -> st.SearchStrategy[Program]:
    steps = st.lists(st.tuples(PAUSES_S, st.one_of(*acts)), max_size=12)
    return st.tuples(st.sampled_from([CHARGE, CHARGE, []]), steps).map(lambda pair: pair[0] + pair[1])


def play(program: Program, options: EvOptions, slice_s: float | None, look: Callable[[World], object]) -> World:
    """Run a program; the heartbeat is a given except that a program may cut it. `slice_s` None: in leaps."""
    world = World(HAT, seed=7)
    world.ev.options = options
    world.pulse(PINS.heartbeat, 100)
    world.hold_heartbeat(True)
    for pause_s, act in program:
        end_s = world.now_s + pause_s
        if slice_s is not None:
            count, start_s = int(pause_s / slice_s), world.now_s
            for number in range(1, count + 1):
                world.advance(start_s + number * slice_s)
                look(world)
        world.advance(end_s)
        look(world)
        act(world)
        look(world)
    world.advance(world.now_s + 2)
    look(world)
    return world


@SETTINGS
@given(programs(GUARD_ACTS, OTHER_PINS, EV_ACTS, FAULT_ACTS), EVS, st.sampled_from([0.001, 0.0073]))
def test_the_result_does_not_depend_on_how_finely_time_is_sliced(
    program: Program, options: EvOptions, slice_s: float
) -> None:
    program = [(min(pause_s, 0.7), act) for pause_s, act in program]

    def look(world: World) -> None:
        world.seen(world.now_s - 0.01)
        world.edges(world.now_s - 0.001)
        if len(world.trace()) % 5 == 0:
            world.state()

    leap = play(program, options, None, lambda world: None)
    fine = play(program, options, slice_s, look)
    assert leap.trace() == fine.trace()
    assert leap.state() == fine.state()
    assert leap.seen(0.0) == fine.seen(0.0)
    assert [leap.adc(channel) for channel in range(8)] == [fine.adc(channel) for channel in range(8)]


@SETTINGS
@given(programs(GUARD_ACTS, EV_ACTS, FAULT_ACTS), EVS)
def test_no_current_flows_without_closed_contacts_and_voltage(program: Program, options: EvOptions) -> None:
    def look(world: World) -> None:
        l1, l2, l3 = world.ev.currents_a()
        wired = world.installation
        if not wired.c1.closed or "mains-off" in world.faults or not (world.ev.s2 and world.ev.plugged):
            assert (l1, l2, l3) == (0, 0, 0)
        if not wired.c2.closed:
            assert (l2, l3) == (0, 0)

    play(program, options, 0.05, look)


@SETTINGS
@given(programs(GUARD_ACTS, EV_ACTS), EVS)
def test_the_car_never_draws_more_than_the_duty_offers(program: Program, options: EvOptions) -> None:
    last_offers = [0]

    def look(world: World) -> None:
        duty = round(world.board.wave.duty * 1000)
        if offer_da(duty):
            last_offers[0] = offer_da(duty)
        drawn_da = max(world.ev.currents_a()) * 10
        assert drawn_da <= min(last_offers[0], options.max_da) + 1e-9

    play(program, options, 0.05, look)


@SETTINGS
@given(programs(GUARD_ACTS, EV_ACTS), EVS)
def test_the_energy_is_the_integral_of_the_current(program: Program, options: EvOptions) -> None:
    program = [(min(pause_s, 1.7), act) for pause_s, act in program]
    last: list[tuple[float, float, float]] = []
    summed_wh, most_step_wh = 0.0, 0.0

    def look(world: World) -> None:
        nonlocal summed_wh, most_step_wh
        amps = sum(world.ev.currents_a())
        if last:
            at_s, then_a, _ = last[-1]
            summed_wh += (world.now_s - at_s) * (amps + then_a) / 2 * VOLTS / 3600
            most_step_wh += abs(amps - then_a) * (world.now_s - at_s) * VOLTS / 3600
        last.append((world.now_s, amps, world.ev.energy_wh))

    world = play([*program, *[(0.2, lambda world: None)] * 30], options, 0.005, look)
    # a trapezium is wrong by no more than the step in it
    assert abs(world.ev.energy_wh - summed_wh) <= most_step_wh + 1e-6
    energies = [energy_wh for _, _, energy_wh in last]
    assert energies == sorted(energies)


@SETTINGS
@given(programs(GUARD_ACTS, OTHER_PINS, EV_ACTS, FAULT_ACTS), EVS)
def test_safe_is_never_high_without_each_of_its_conditions(program: Program, options: EvOptions) -> None:
    def look(world: World) -> None:
        if "safe-stuck-high" in world.faults:
            return
        board, state = world.board, world.state()
        if not (world.bank() >> PINS.safe & 1):
            return
        assert state["wd_ok"]
        assert board.window.open or "window-dead" in world.faults
        assert not state["rcm_trip"]
        assert world.rail_v >= 9
        if "window-dead" not in world.faults and not world.next_event_s():
            assert 1.8 <= board.cp_high.volts(world.now_s) <= 7.3

    play(program, options, 0.05, look)


@SETTINGS
@given(programs(GUARD_ACTS, OTHER_PINS, EV_ACTS), EVS)
def test_without_a_fault_contacts_are_closed_only_by_safe_and_their_command(
    program: Program, options: EvOptions
) -> None:
    def look(world: World) -> None:
        if world.installation.c1.closed or world.installation.c2.closed:
            lately = [e for e in world.trace() if e.name in ("safe", "c1_cmd", "c2_cmd") and e.value == 0]
            allowed = world.bank() >> PINS.safe & 1
            assert allowed or (lately and world.now_s - lately[-1].at_s <= 0.040)

    play(program, options, 0.02, look)
