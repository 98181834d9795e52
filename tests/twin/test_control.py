"""The control socket: what a person can do, and what he is told when it makes no sense."""

from __future__ import annotations

import socket
import time

import pytest

from tests.twin.running import Twin, until

WRONG = [
    "",
    "fly",
    "ev",
    "ev jump",
    "ev set wings 2",
    "ev set phases many",
    "ev set phases 7",
    "ev set diode maybe",
    "cable",
    "cable long",
    "cable -1",
    "fault",
    "fault gremlins",
    "fault cp-short maybe",
    "weld c3",
    "press",
    "press x",
    "press o never",
    "press o -1",
    "press o nan",
    "temp hot",
    "temp 900",
    "rail 99",
    "trace",
    "trace -1",
    "lcd now",
    "pigpiod",
    "pigpiod dance",
    "pigpiod cut x",
    "pigpiod slow -1",
    "bus",
    "bus silent 99 on",
    "bus silent x on",
    "bus noise 2",
    "bus noise x",
    "bus meter 12 nonsense",
    "bus meter 300 abb",
    "bus sensorbox wet",
    "house 1 2",
    "house 1 2 cold",
    "house 1 2 -3",
    "sun",
    "sun 2000",
    "unit 1 state",
    "unit x state",
    "unit",
]


def test_what_makes_no_sense_is_refused_with_a_sentence_and_nothing_is_lost(twin: Twin) -> None:
    before = twin.ask("state")
    for command in WRONG:
        reply = twin.say(command)
        assert reply.startswith("error: "), command
        assert len(reply) > 20, command
    after = twin.ask("state")
    for moving in ("now_s", "pilot"):
        del before[moving], after[moving]
    assert before == after


def test_help_lists_every_command_in_one_line(twin: Twin) -> None:
    text = twin.say("help")
    for word in (
        "ev plug",
        "cable",
        "fault",
        "weld",
        "press",
        "temp",
        "lcd",
        "state",
        "trace",
        "now",
        "pigpiod",
        "bus",
    ):
        assert word in text


def test_the_car_does_what_it_is_told(twin: Twin) -> None:
    twin.tell("ev plug")
    twin.tell("ev set soc 0.25")
    twin.tell("ev ready")
    state = twin.ask("state")["ev"]
    assert (state["plugged"], state["wants"], state["soc"], state["state"]) == (True, True, 0.25, "B")
    twin.tell("ev ready off")
    assert not twin.ask("state")["ev"]["wants"]
    twin.tell("ev unplug")
    assert not twin.ask("state")["ev"]["plugged"]
    assert twin.ask("ev options")["soc"] == 0.25


def test_things_of_the_hat_can_be_set(twin: Twin) -> None:
    for command in ("cable 220", "temp 40", "rail 11.5", "weld c1", "fault cp-short"):
        twin.tell(command)
    state = twin.ask("state")
    assert (state["cable_ohm"], state["temperature_c"], state["rail_v"]) == (220, 40.0, 11.5)
    assert set(state["faults"]) == {"weld-c1", "cp-short"}
    for command in ("cable open", "weld c1 off", "fault cp-short off"):
        twin.tell(command)
    state = twin.ask("state")
    assert (state["cable_ohm"], state["faults"]) == (None, [])


def test_every_fault_of_the_list_can_be_injected_and_healed(twin: Twin) -> None:
    known = twin.ask("faults")["known"]
    assert {"cp-short", "no-diode", "lcd-off", "lcd-glitch", "weld-c1"} <= set(known)
    for name in known:
        twin.tell(f"fault {name}")
        twin.tell(f"fault {name} off")
    assert twin.ask("faults")["active"] == []


def test_a_key_is_let_go_by_itself(twin: Twin) -> None:
    twin.tell("press o 0.05")
    assert twin.ask("state")["keys"]["o"]
    until(lambda: not twin.ask("state")["keys"]["o"])
    twin.tell("press sw down")
    assert twin.ask("state")["keys"]["sw"]


def test_the_trace_goes_on_where_it_was_left_and_has_the_clocks_time(twin: Twin) -> None:
    before_s = time.monotonic()
    twin.tell("ev plug")
    after_s = time.monotonic()
    first = twin.ask("trace 0")
    [(at_s, value)] = [(at_s, value) for at_s, name, value in first["events"] if name == "ev_plug"]
    assert before_s <= at_s <= after_s
    assert value == 1
    twin.tell("ev unplug")
    more = twin.ask(f"trace {first['next']}")
    assert [event[1:] for event in more["events"] if event[1] == "ev_plug"] == [["ev_plug", 0]]
    assert before_s <= float(twin.say("now")) <= time.monotonic()


def test_many_commands_at_once_are_answered_in_order(twin: Twin) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.connect(str(twin.control))
        other.sendall(b"now\nfly\ncable 100\nla")
        lines = other.makefile("r")
        assert float(lines.readline()) > 0
        assert lines.readline().startswith("error: 'fly'")
        assert lines.readline() == "ok\n"
        other.sendall(b"st\n")
        assert lines.readline().startswith("error: 'last'")
        lines.close()


def test_a_line_without_end_is_dropped_with_a_sentence(twin: Twin) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.connect(str(twin.control))
        other.sendall(b"x" * 5000)
        assert other.recv(200).startswith(b"error: a line has at most")
        other.sendall(b"now\n")
        assert float(other.recv(200)) > 0


@pytest.mark.parametrize("command", ["lcd", "state", "faults"])
def test_what_is_told_is_one_line_of_json(twin: Twin, command: str) -> None:
    assert isinstance(twin.ask(command), dict)
