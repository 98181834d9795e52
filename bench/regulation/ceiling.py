"""How much sun nobody could exceed: a clairvoyant whose cars obey at once and whose contactors never wear."""

from bench.regulation.families import VOLTS, Case
from smartevse.core.rules import Contact2

KWH = VOLTS / 3.6e7
"""kWh of a second at 0.1 A."""


def ceiling_kwh(case: Case, import_kwh: float) -> float:
    """The most sun (kWh) one car could take in this case while importing no more than `import_kwh`.

    Every second above the minimum follows the sun. Those below it are bought with the import, the sunniest first; with
    a choice of phases (Auto) each second takes the one that uses the sun better.
    """
    car = case.cars()[0]
    most_da, least_da = min(case.caps[0], car.most_da), case.rules.min_a * 10
    choices = (1, 3) if case.rules.contact2 == Contact2.AUTO else (car.phases,)
    sun_da = 0
    bought: list[tuple[float, int, int]] = []
    for phases in case.house:
        surplus_da = -sum(phases)
        if surplus_da <= 0:
            continue
        fits = [min(surplus_da, most_da * count) for count in choices if surplus_da >= least_da * count]
        if fits:
            sun_da += max(fits)
        else:
            missing_da = least_da * choices[0] - surplus_da
            bought.append((surplus_da / missing_da, surplus_da, missing_da))
    left_da = import_kwh / KWH
    for _, surplus_da, missing_da in sorted(bought, reverse=True):
        left_da -= missing_da
        if left_da < 0:
            break
        sun_da += surplus_da
    return sun_da * KWH
