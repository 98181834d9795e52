"""The product's table of settings, in the manual's words, order, ranges and defaults.

A new setting is one row in `ROWS` (a meter's in `settings.rows_meters`); what two settings demand of each other
is one row in `settings.demands`.
"""

from __future__ import annotations

from smartevse.settings import offered, words
from smartevse.settings.demands import RULES
from smartevse.settings.rows_meters import METERS
from smartevse.settings.table import Number, Options, Setting, Table

_ON_OFF = Options({"disabled": "Disabled", "enabled": "Enabled"})


ROWS = (
    Setting(
        "config",
        "CONFIG",
        "Socket for a loose cable, or Fixed for a cable that stays on the charger.",
        Options({"socket": "Socket", "fixed": "Fixed"}),
        default="socket",
    ),
    Setting(
        "lock",
        "LOCK",
        "The actuator that holds the plug in the socket.",
        Options({"disabled": "Disabled", "solenoid": "Solenoid", "motor": "Motor"}),
        default="disabled",
        visible=offered.socket,
    ),
    Setting(
        "lock_when",
        "LOCK WHEN",
        "Hold the plug while charging, as long as a car is connected, or always.",
        Options({"charging": "Charging", "connected": "Connected", "always": "Always"}),
        default="charging",
        visible=offered.lock,
    ),
    Setting(
        "mode",
        "MODE",
        "Normal charges at MAX, Smart keeps the house below MAINS, Solar charges from your own surplus.",
        Options({"normal": "Normal", "smart": "Smart", "solar": "Solar"}),
        default="normal",
    ),
    Setting(
        "start",
        "START",
        "Solar begins when more than this is exported, all phases together.",
        Number(0, 48, words.export),
        default=4,
        visible=offered.solar,
    ),
    Setting(
        "stop",
        "STOP",
        "Solar ends after so long without sun, after twice that with half of MIN's. Disabled: goes on from the grid.",
        Number(0, 60, words.minutes),
        default=10,
        visible=offered.solar,
    ),
    Setting(
        "import",
        "IMPORT",
        "Grid current that Solar may add to the sun, all phases together.",
        Number(0, 48, words.amps),
        default=0,
        visible=offered.solar,
    ),
    Setting(
        "load_bal",
        "LOAD BAL",
        "Two to eight chargers share one supply: one is Master, each other has a Node number of its own.",
        Options(
            {
                "disabled": "Disabled",
                "master": "Master",
                **{f"node{number}": f"Node {number}" for number in range(1, 8)},
            }
        ),
        default="disabled",
    ),
    Setting(
        "peers",
        "PEERS",
        "The software of the other chargers on the line. Never mix two kinds.",
        Options({"off": "Official 3", "d35": "Fork 3.5", "srk": "3.0 and v2"}),
        default="off",
        visible=offered.shared,
    ),
    Setting(
        "shortage",
        "SHORTAGE",
        "Who charges on when there is not enough for all: who came first, or the lowest number (Master, Node 1, ...).",
        Options({"oldest": "First come", "order": "Unit order"}),
        default="oldest",
        visible=offered.master,
    ),
    Setting(
        "rotate",
        "ROTATE",
        "Cars that wait for power take turns after so long.",
        Number(0, 240, words.minutes),
        default=30,
        visible=offered.master,
    ),
    Setting(
        "mains",
        "MAINS",
        "The most current the house may take from the mains, per phase: your main fuse.",
        Number(10, 200, words.amps),
        default=25,
        visible=offered.measured,
    ),
    Setting(
        "mains_in",
        "MAINS IN",
        "Keep MAINS only in Smart and Solar, or in Normal mode too (needs a mains meter).",
        Options({"regulated": "Smart+Solar", "all": "All modes"}),
        default="regulated",
        visible=offered.normal_decides,
    ),
    Setting(
        "min",
        "MIN",
        "The lowest current that a car may be given, per phase. Some cars do not like 6 A.",
        Number(6, 16, words.amps),
        default=6,
        visible=offered.minimum,
    ),
    Setting(
        "circuit",
        "CIRCUIT",
        "The most current for all chargers together, per phase: the fuse of their circuit.",
        Number(10, 200, words.amps),
        default=16,
        visible=offered.circuit,
    ),
    Setting(
        "max",
        "MAX",
        "The highest current for the car, per phase. Never more than the breaker and the wires allow.",
        Number(6, 80, words.amps),
        default=13,
    ),
    Setting(
        "contact2",
        "CONTACT 2",
        "What the second contactor (L2 and L3) is for: one phase in Solar, never, always, or by itself.",
        Options(
            {
                "not_present": "Not present",
                "always_off": "Always Off",
                "solar_off": "Solar Off",
                "always_on": "Always On",
                "auto": "Auto",
            }
        ),
        default="always_on",
    ),
    Setting(
        "ev_phases",
        "EV PHASES",
        "How many phases the car uses. Auto learns it from the EV meter.",
        Options({"auto": "Auto", "one": "1", "two": "2", "three": "3"}),
        default="auto",
        visible=offered.decides,
    ),
    Setting(
        "rotation",
        "ROTATION",
        "The mains phases at this charger's terminals L1, L2 and L3.",
        Options({"l1": "L1 L2 L3", "l2": "L2 L3 L1", "l3": "L3 L1 L2"}),
        default="l1",
        visible=offered.decides,
    ),
    Setting(
        "capacity",
        "CAPACITY",
        "The most current of the house, all phases together, where the tariff punishes peaks.",
        Number(offered.NO_CAPACITY, 600, words.capacity),
        default=offered.NO_CAPACITY,
        visible=offered.measured,
    ),
    Setting(
        "cap_mode",
        "CAP MODE",
        "Fixed keeps CAPACITY alone, Quarter also the month's highest quarter of an hour (2.5 kW and more).",
        Options({"fixed": "Fixed", "quarter": "Quarter"}),
        default="fixed",
        visible=offered.measured,
    ),
    Setting(
        "cap_stop",
        "CAP STOP",
        "Charging stops after so long above CAPACITY; Disabled stops at once.",
        Number(0, 60, words.minutes),
        default=0,
        visible=offered.capacity,
    ),
    Setting(
        "timer",
        "TIMER",
        "Charge only between TIMER ON and TIMER OFF, once or every day.",
        Options({"disabled": "Disabled", "once": "Once", "daily": "Daily"}),
        default="disabled",
    ),
    Setting(
        "timer_on",
        "TIMER ON",
        "When charging may begin.",
        Number(0, offered.OPEN_END - 1, words.time),
        default=23 * 60,
        visible=offered.timer,
    ),
    Setting(
        "timer_off",
        "TIMER OFF",
        "When charging ends; Open lets it go on.",
        Number(0, offered.OPEN_END, words.time),
        default=offered.OPEN_END,
        visible=offered.timer,
    ),
    Setting(
        "switch",
        "SWITCH",
        "What the switch at SW does. B is a push button, S a switch that stays; Disabled: a push stops charging.",
        Options(
            {
                "disabled": "Disabled",
                "access_b": "Access B",
                "access_s": "Access S",
                "smasol_b": "Sma-Sol B",
                "smasol_s": "Sma-Sol S",
                "grid_relay": "Grid Relay",
            }
        ),
        default="disabled",
    ),
    Setting(
        "rcmon",
        "RCMON",
        "A residual current monitor RCM14-03 is plugged in and opens the contactor when it finds a fault current.",
        _ON_OFF,
        default="disabled",
    ),
    Setting(
        "rfid",
        "RFID",
        "Only a known card starts and ends a charge; up to 100 cards can be learned.",
        Options(_ON_OFF.labels, {"learn": "Learn", "delete": "Delete", "delete_all": "Delete All"}),
        default="disabled",
    ),
    Setting(
        "wake",
        "WAKE CAR",
        "Wake a car that was offered current for 30 s and does not ask for it.",
        _ON_OFF,
        default="enabled",
    ),
    *METERS,
    Setting(
        "leds",
        "LEDS",
        "Standard shows each state, Public only free, taken and out of order.",
        Options({"standard": "Standard", "public": "Public"}),
        default="standard",
    ),
    Setting(
        "key_lock",
        "KEY LOCK",
        "The keys only wake the display and reset a fault; o and > held together for 2 s unlock them for 2 minutes.",
        _ON_OFF,
        default="disabled",
    ),
    Setting(
        "wifi",
        "WIFI",
        "Connect to a wireless network; SetupWifi opens one of the charger's own to choose it with a phone.",
        Options(_ON_OFF.labels, {"setup": "SetupWifi"}),
        default="disabled",
    ),
)
"""The order is the menu's."""

TABLE = Table(ROWS, RULES)
"""The product's table."""
