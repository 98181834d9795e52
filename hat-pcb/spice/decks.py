"""The circuits that are simulated, built from the part values of the net list, and what is measured on them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ngspice import crossing, run, span

EV = {
    "A": "",
    "B": "XD cp e EVDIODE\nR2 e 0 2740",
    "C": "XD cp e EVDIODE\nR2 e 0 2740\nR3 e 0 1300",
    "D": "XD cp e EVDIODE\nR2 e 0 2740\nR3 e 0 270",
    "E": "Rs cp 0 120",
    "B, no diode": "R2 cp 0 2740",
}
CABLE = {"no cable": ("1p", "1p"), "longest cable": ("1500p", "2400p")}
"""Cable and vehicle capacitance of IEC 61851-1, Annex A."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """Part values by reference, and the drawn circuits."""

    v: dict[str, float]

    def driver(self, duty: float, cable: str, vehicle: str, *, gbw: float = 3.5e6, slew: float = 20e6, extra_station: float = 0.0) -> str:
        """The pilot driver into a cable and a vehicle at 1 kHz; node `cpl` is the gate's 3.3 V output, inverted."""
        v, (cc, cv) = self.v, CABLE[cable]
        return f"""* pilot
@parts
.options reltol=5e-4
Vp vp 0 15
Vn vn 0 -15
Vcpl cpl 0 PULSE(3.3 0 0.1m 20n 20n {duty * 1e-3} 1m)
Bgate g 0 V=V(cpl)>1.65 ? 5 : 0
Ron g g1 30
R302 g1 inn {v["R302"]}
R303 inn drv {v["R303"]}
Vr5 r5 0 5.0
R304 r5 ip {v["R304"]}
R305 ip 0 {v["R305"]}
Cin inn 0 4p
XU303 ip inn drv vp vn OPAMP GBW={gbw} SR={slew}
R306 drv cp {v["R306"]}
C302 cp 0 {v["C302"] + extra_station}
XD301 cp 0 TVS15
Ccable cp 0 {cc}
Cvehicle cp 0 {cv}
{vehicle}
"""

    def sense(self) -> str:
        """Divider, buffer, gates and hold capacitors behind node `cp`; `hi` and `lo` are the hold capacitors."""
        v = self.v
        return f"""R401 cp x {v["R401"]}
R402 x 0 {v["R402"]}
Vr25 r25 0 2.5
R403 x r25 {v["R403"]}
Cx x 0 12p
Eb b0 0 x 0 1
Rb0 b0 b1 100
Cb1 b1 0 2n
Eb2 b2 0 b1 0 1
Rb2 b2 b 50
R409 cpl d {v["R409"]}
C403 d 0 {v["C403"]}
Bhi shi 0 V=(V(cpl)<1.3 && V(d)<1.15) ? 3.3 : 0
Blo slo 0 V=(V(cpl)>1.3 && V(d)>1.8) ? 3.3 : 0
R404 b h0 {v["R404"]}
XSH h0 hi shi GATE
C401 hi 0 {v["C401"]}
R406 r25 hi {v["R406"]}
R405 b l0 {v["R405"]}
XSL l0 lo slo GATE
C402 lo 0 {v["C402"]}
R407 r25 lo {v["R407"]}
R408 lo 0 {v["R408"]}
"""

    def window(self) -> str:
        """The window comparators on `hi`; `safe` carries the pull-up, `hit` is the delay capacitor."""
        v = self.v
        return f"""V33 v33 0 3.3
Ehb hib 0 hi 0 1
R608 r25 thh {v["R608"]}
R609 thh 0 {v["R609"]}
R610 thh safe {v["R610"]}
R613 r25 thl {v["R613"]}
R614 thl 0 {v["R614"]}
S1 o1 0 thh hib SCMP
R611 o1 hit {v["R611"]}
R612 r25 hit {v["R612"]}
C603 hit 0 {v["C603"]}
S2 safe 0 hit thl SCMP
R615 hib hif {v["R615"]}
R616 hif safe {v["R616"]}
S3 safe 0 thl hif SCMP
.model SCMP SW(VT=0 VH=0.5m RON=60 ROFF=1e9)
R620 v33 safe {v["R620"]}
Csafe safe 0 100p
"""

    @property
    def gain(self) -> float:
        """Volts at the converter per volt on the pilot."""
        low = 1 / (1 / self.v["R402"] + 1 / self.v["R403"])
        return low / (self.v["R401"] + low)

    @property
    def offset(self) -> float:
        """Volts at the converter with 0 V on the pilot."""
        g = 1 / self.v["R401"] + 1 / self.v["R402"] + 1 / self.v["R403"]
        return 2.5 / self.v["R403"] / g

    def pilot(self, volts: float) -> float:
        """The pilot's voltage for a voltage at the converter."""
        return (volts - self.offset) / self.gain


@dataclass(frozen=True, slots=True)
class Edges:
    """What IEC 61851-1 Annex A asks of the pilot's edges; times in us, voltages in V."""

    high: float
    low: float
    generator_rise: float
    generator_fall: float
    settle: float
    line_rise: float
    line_fall: float


def edges(c: Circuit, state: str, cable: str, **corner: float) -> tuple[Edges, list[float], list[float]]:
    """Levels and edges in a state; also time and pilot voltage for the plot."""
    t, v = run(c.driver(0.5333, cable, EV[state], **corner) + ".tran 20n 1.9m 0.05m 20n\n", ["v(cp)", "v(drv)"])
    cp, drv = v["v(cp)"], v["v(drv)"]
    high, low = span(t, cp, 0.5e-3, 0.62e-3)[1], span(t, cp, 0.9e-3, 1.05e-3)[0]
    ghigh, glow = span(t, drv, 0.5e-3, 0.62e-3)[1], span(t, drv, 0.9e-3, 1.05e-3)[0]

    def time(wave: list[float], a: float, b: float, frm: float, to: float, rising: bool, after: float) -> float:
        lo, hi = (frm, to) if rising else (to, frm)
        first, last = lo + a * (hi - lo), lo + b * (hi - lo)
        return (crossing(t, wave, last, rising=rising, after=after) - crossing(t, wave, first, rising=rising, after=after)) * 1e6

    begin = 0.09e-3
    fall = 0.6e-3
    settle = (crossing(t, drv, glow + 0.95 * (ghigh - glow), rising=True, after=begin) - 0.1e-3) * 1e6
    return (
        Edges(
            high,
            low,
            time(drv, 0.1, 0.9, glow, ghigh, True, begin),
            time(drv, 0.9, 0.1, ghigh, glow, False, fall),
            settle,
            time(cp, 0.1, 0.9, low, high, True, begin),
            time(cp, 0.9, 0.1, high, low, False, fall),
        ),
        t,
        cp,
    )


def held(c: Circuit, state: str, cable: str, duty: float, end: float = 25e-3) -> tuple[float, float, tuple[float, float], tuple[float, float]]:
    """The plateaus themselves and the range that CP_HI and CP_LO hold at the end, all in volts on the pilot."""
    deck = c.driver(duty, cable, EV[state]) + c.sense() + f".ic v(hi)=1.6 v(lo)=0.2\n.tran 500n {end} {end - 4e-3} 1u\n"
    t, v = run(deck, ["v(hi)", "v(lo)", "v(cp)"])
    hi, lo = ([c.pilot(x) for x in v[n]] for n in ("v(hi)", "v(lo)"))
    return max(v["v(cp)"]), min(v["v(cp)"]), (min(hi), max(hi)), (min(lo), max(lo))


def opening(c: Circuit, event: str, duty: float) -> tuple[float, float, list[float], dict[str, list[float]]]:
    """From an event on the pilot to SAFE low: the hold node's crossing and SAFE's fall, in ms; NaN if it never comes."""
    at = 60.02e-3
    change = f"Vev ev 0 PWL(0 0 {at} 0 {at + 1e-6} 1)\n.model SEV SW(VT=0.5 VH=0.1 RON=0.5 ROFF=1e9)\n"
    vehicle = {
        "S2 opens (C to B)": "XD cp e EVDIODE\nR2 e 0 2740\nR3 e e3 1300\nBc nev 0 V=1-V(ev)\nSs e3 0 nev 0 SEV\n",
        "car unplugged (C to A)": "Bc nev 0 V=1-V(ev)\nSs cp cq nev 0 SEV\nXD cq e EVDIODE\nR2 e 0 2740\nR3 e 0 1300\n",
        "pilot shorted to PE": EV["C"] + "\nSs cp 0 ev 0 SEV\n",
        "pilot shorted by 120 Ohm": EV["C"] + "\nSs cp cq ev 0 SEV\nRq cq 0 120\n",
    }[event]
    deck = c.driver(duty, "longest cable", vehicle + change) + c.sense() + c.window() + ".ic v(hi)=1.63 v(hit)=0 v(safe)=3.3\n.tran 2u 130m 50m 5u\n"
    t, v = run(deck, ["v(hi)", "v(safe)", "v(hit)"])
    level = c.pilot
    hi = [level(x) for x in v["v(hi)"]]
    crossed = crossing(t, hi, 7.3, rising=True, after=at) if "short" not in event else crossing(t, hi, 1.8, rising=False, after=at)
    fell = crossing(t, v["v(safe)"], 0.8, rising=False, after=at)
    return (crossed - at) * 1e3, (fell - at) * 1e3, t, {"hi": hi, "safe": v["v(safe)"]}


def drift(c: Circuit) -> tuple[float, float]:
    """PWM stuck: ms until a stale CP_HI crosses 7.5 V from state C; ms until a stale CP_LO has lost 63 %."""
    base = c.driver(0.5333, "no cable", EV["C"]).replace("PULSE(3.3 0 0.1m 20n 20n 0.0005333 1m)", "{}")
    t, v = run(base.format("3.3") + c.sense() + f".ic v(hi)={c.offset + 6.0 * c.gain}\n.tran 20u 0.3\n", ["v(hi)"])
    up = crossing(t, [c.pilot(x) for x in v["v(hi)"]], 7.5, rising=True) * 1e3
    t, v = run(base.format("0") + c.sense() + f".ic v(lo)={c.offset - 12.0 * c.gain}\n.tran 20u 1\n", ["v(lo)"])
    down = crossing(t, [c.pilot(x) for x in v["v(lo)"]], -12 * math.exp(-1), rising=True) * 1e3
    return up, down


def heartbeat(c: Circuit, source: str, length: float) -> list[float]:
    """The moments (s) at which the one-shot's input sees a rising edge: above 70 % after having been below 30 % of 3.3 V."""
    v = c.v
    deck = f"""* heartbeat
@parts
Vhb hb 0 {source}
R601 hb 0 {v["R601"]}
R602 hb a {v["R602"]}
C601 a b {v["C601"]}
R603 b 0 {v["R603"]}
D1 0 b DSCHOTTKY
V33 v33 0 3.3
D2 b v33 DSCHOTTKY
Cin b 0 8p
.tran {length / 20000} {length} 0 {length / 20000}
"""
    t, w = run(deck, ["v(b)"])
    armed, found = True, []
    for moment, level in zip(t, w["v(b)"], strict=True):
        if armed and level > 0.7 * 3.3:
            found.append(moment)
            armed = False
        elif level < 0.3 * 3.3:
            armed = True
    return found


def hold_time(c: Circuit) -> float:
    """How long the one-shot stays on after an edge, in s: 32768 x R_set / 50 kOhm microseconds."""
    return 32768 * c.v["R604"] / 50e3 * 1e-6


def power_up(c: Circuit, ramp: float, *, fall: bool = False) -> tuple[float, list[float], dict[str, list[float]]]:
    """3.3 V ramps while nothing else pulls SAFE low but the supervisor: the greatest relay coil current in mA."""
    v = c.v
    shape = f"PWL(0 3.3 10m 3.3 {10e-3 + ramp} 0)" if fall else f"PWL(0 0 {ramp} 3.3)"
    deck = f"""* power-up
@parts
V33 v33 0 {shape}
V12 v12 0 12
R620 v33 safe {v["R620"]}
* supervisor: open drain, low from 1.0 V on, released 200 ms after 2.93 V (here: never within the ramp)
Bsup safe 0 I=(V(v33)>1.0) ? V(safe)/40 : 0
R832 safe g {v["R832"]}
R833 g 0 {v["R833"]}
M1 c g 0 0 NBSS138 W=1u L=1u
Lcoil v12 m 0.6
Rcoil m c 360
Cg g 0 40p
.tran {ramp / 2000} {ramp + 30e-3} 0 {ramp / 500}
"""
    t, w = run(deck, ["i(lcoil)", "v(g)", "v(v33)"])
    return max(abs(i) for i in w["i(lcoil)"]) * 1e3, t, w


def lock_pulse(c: Circuit, ohms: float, supply_limit: float) -> tuple[float, float]:
    """A lock of so many ohm for 600 ms on a supply that limits its current: least voltage at the lock, charge current in A."""
    deck = f"""* lock
@parts
V12 s 0 12
Bi s r I=min(max((V(s)-V(r))/0.05,0),{supply_limit})
C201 r 0 {c.v["C201"]} ic=12
Rload r 0 12
D901 r st DPOWER
C901 st 0 {c.v["C901"]} ic=11.4
RF901 st vl 0.12
Slock vl l ctl 0 SL
Rl l 0 {ohms}
Vctl ctl 0 PWL(0 0 10m 0 10.1m 1 610m 1 610.1m 0)
.model SL SW(VT=0.5 VH=0.1 RON=0.1 ROFF=1e8)
.tran 0.2m 0.7 0 0.2m uic
"""
    t, w = run(deck, ["v(l)", "v(r)"])
    return span(t, w["v(l)"], 0.05, 0.6)[0], span(t, w["v(r)"], 0.05, 0.6)[0]
