"""What a person would want to see of the world, as plain values that can be written as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartevse.core.pilot import offer_da

if TYPE_CHECKING:
    from smartevse.physics.world import World


def view(world: World) -> dict[str, object]:
    """The state of the world now; the unit ends each name."""
    board, ev, pins, wired = world.board, world.ev, world.hat.pins, world.installation
    wave = board.wave
    duty_permille = round(wave.duty * 1000)
    return {
        "now_s": world.now_s,
        "pilot": {
            "high_v": round(wave.high_v, 3),
            "low_v": round(wave.low_v, 3),
            "duty_permille": duty_permille,
            "frequency_hz": round(board.pwm_hz),
            "offer_da": offer_da(duty_permille),
            "cp_high_v": round(board.cp_high.volts(world.now_s), 3),
            "cp_low_v": round(board.cp_low.volts(world.now_s), 3),
        },
        "ev": {
            "plugged": ev.plugged,
            "wants": ev.wants,
            "awake": ev.awake,
            "s2": ev.s2,
            "sees_pwm": ev.sees_pwm,
            "state": ev_state(world),
            "soc": round(ev.soc, 6),
            "session_wh": round(ev.session_wh, 3),
        },
        "currents_da": list(ev.currents_da()),
        "energy_wh": round(ev.energy_wh, 3),
        "cable_ohm": world.cable_ohm,
        "contactors": {
            "c1_cmd": world.pins.level(pins.c1_cmd),
            "c2_cmd": world.pins.level(pins.c2_cmd),
            "supply": board.supply,
            "c1": wired.c1.closed,
            "c2": wired.c2.closed,
            "c1_cycles": wired.c1.cycles,
            "c2_cycles": wired.c2.cycles,
        },
        "wd_ok": board.wd_ok,
        "safe": board.safe,
        "window": board.window.open,
        "rcm_trip": board.rcm.tripped,
        "lock": {"kind": board.lock.kind, "locked": board.lock.locked, "pulse_s": round(board.lock.pulse_s, 4)},
        "leds": {
            name: world.leds.get(gpio, 1_000_000 * world.pins.level(gpio)) / 1_000_000
            for name, gpio in (("red", pins.led_red), ("green", pins.led_green), ("blue", pins.led_blue))
        },
        "keys": {
            name: not world.pins.level(gpio)
            for name, gpio in (("<", pins.key_left), ("o", pins.key_select), (">", pins.key_right), ("sw", pins.sw))
        },
        "temperature_c": world.temperature_c,
        "rail_v": world.rail_v,
        "faults": list(world.faults),
    }


def ev_state(world: World) -> str:
    """The letter that the pilot's high half shows: "A" to "E" as in IEC 61851-1, "F" for steady -12 V."""
    wave = world.board.wave
    if wave.duty <= 0:
        return "F"
    edges = ((10.5, "A"), (7.5, "B"), (4.5, "C"), (2.0, "D"))
    return next((letter for edge_v, letter in edges if wave.high_v >= edge_v), "E")
