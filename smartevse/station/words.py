"""The owner's words for why a charge does not go on, as sentences for the journal."""

from __future__ import annotations

from collections.abc import Mapping

from smartevse.core.states import Hold

HOLDS: Mapping[Hold, str] = {
    Hold.NONE: "",
    Hold.NO_CAR: "no car is connected",
    Hold.NO_STATION: "the guard has no fresh permit of the station",
    Hold.NOT_WANTED: "charging is not wanted now",
    Hold.FAULT: "a fault stands",
    Hold.PROOF_TEST: "the safety chain is being tested",
    Hold.CAR_STAYS_AT_6V: "the car did not let go, it has to before it is offered current again",
    Hold.VENTILATION: "the car asks for ventilation, which is not there",
    Hold.LOCKING: "the plug is being locked",
    Hold.WAKING: "the car is being woken",
    Hold.CAR_NOT_READY: "the car is not ready",
    Hold.DELAY: "the contactor rests for a moment",
}
"""Why the charge does not go on; a row for each of the guard's reasons."""
