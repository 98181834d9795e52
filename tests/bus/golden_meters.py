"""Recorded questions and answers of meters, with what they mean: the judge of every file in `bus/meters/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from smartevse.bus.meter import Value


@dataclass(frozen=True)
class Golden:
    """One question and answer. `measured` is what the meter measures, by the names of its file, before cutting off."""

    file: str
    poll: str
    """The poll of the file that asks exactly this; "" when the product asks more, or something else."""
    request: str
    answer: str
    measured: Mapping[str, float]
    phases_da: tuple[int, int, int] | None = None
    instead: Mapping[str, Value] = field(default_factory=dict)
    """Values at places that other stations read and that this product decided against."""

    @property
    def label(self) -> str:
        """For the test's name."""
        return f"{self.file} {' '.join(self.measured)}"


def _amps(l1: float, l2: float, l3: float) -> dict[str, float]:
    return {"current_l1_ma": l1, "current_l2_ma": l2, "current_l3_ma": l3}


def _watts(l1: float, l2: float, l3: float) -> dict[str, float]:
    return {"power_l1_w": l1, "power_l2_w": l2, "power_l3_w": l3}


GOLDEN: tuple[Golden, ...] = (
    Golden(
        "phoenix_eem350",
        "currents",
        "0b 04 00 0c 00 06 b0 a1",
        "0b 04 0c 28 0a 00 00 f2 6d ff ff 00 78 00 00 ec 51",
        _amps(10250.0, -3475.0, 120.0),
        (102, -34, 1),
    ),
    Golden(
        "phoenix_eem350",
        "power",
        "0b 04 00 28 00 02 f1 69",
        "0b 04 04 3d 89 00 00 8d c2",
        {"power_w": 1575.3},
    ),
    Golden(
        "phoenix_eem350",
        "import",
        "0b 04 00 3e 00 02 10 ad",
        "0b 04 04 e2 40 00 01 a7 e8",
        {"import_wh": 12345600.0},
    ),
    Golden(
        "finder_7e",
        "currents",
        "0b 04 10 0e 00 06 15 a1",
        "0b 04 0c 41 24 00 00 40 60 00 00 3e 00 00 00 34 62",
        _amps(10250.0, 3500.0, 125.0),
        (102, 35, 1),
    ),
    Golden(
        "finder_7e",
        "power",
        "0b 04 10 26 00 02 94 6a",
        "0b 04 04 45 12 e8 00 aa 8d",
        {"power_w": 2350.5},
    ),
    Golden(
        "finder_7e",
        "import",
        "0b 04 11 06 00 02 94 5c",
        "0b 04 04 4b 3c 61 4e 2f c8",
        {"import_wh": 12345678.0},
    ),
    Golden(
        "finder_7e",
        "export",
        "0b 04 11 0e 00 02 15 9e",
        "0b 04 04 4a 74 24 00 1c 86",
        {"export_wh": 4000000.0},
    ),
    Golden(
        "eastron_sdm630",
        "currents",
        "0b 04 00 06 00 0c 10 a4",
        "0b 04 18 41 24 00 00 40 60 00 00 3e 00 00 00 45 12 e8 00 c4 49 40 00 41 e0 00 00 5c 1c",
        _amps(10250.0, 3500.0, 125.0) | _watts(2350.5, -805.0, 28.0),
        (102, -35, 1),
    ),
    Golden(
        "eastron_inverted",
        "currents",
        "0b 04 00 06 00 0c 10 a4",
        "0b 04 18 41 24 00 00 40 60 00 00 3e 00 00 00 45 12 e8 00 c4 49 40 00 41 e0 00 00 5c 1c",
        _amps(10250.0, 3500.0, 125.0) | _watts(-2350.5, 805.0, -28.0),
        (-102, 35, -1),
    ),
    Golden(
        "eastron_sdm630",
        "power",
        "0b 04 00 34 00 02 30 af",
        "0b 04 04 44 c4 b0 00 71 49",
        {"power_w": 1573.5},
    ),
    Golden(
        "eastron_sdm630",
        "import",
        "0b 04 00 48 00 02 f1 77",
        "0b 04 04 46 40 e6 b6 8e ce",
        {"import_wh": 12345678.0},
    ),
    Golden(
        "eastron_sdm630",
        "export",
        "0b 04 00 4a 00 02 50 b7",
        "0b 04 04 45 87 0c 00 f1 a1",
        {"export_wh": 4321500.0},
    ),
    Golden(
        "eastron_1p",
        "",
        "0c 04 00 06 00 0c 11 13",
        "0c 04 18 41 50 00 00 00 00 00 00 00 00 00 00 c5 3a e0 00 00 00 00 00 00 00 00 00 3e 6b",
        {"current_l1_ma": 13000.0, "power_l1_w": -2990.0},
        (-130, 0, 0),
    ),
    Golden(
        "eastron_1p",
        "",
        "0c 04 00 0c 00 02 b0 d5",
        "0c 04 04 45 3a e0 00 5b 85",
        {"power_l1_w": 2990.0},
    ),
    Golden(
        "abb_b23",
        "currents",
        "0b 03 5b 0c 00 10 97 8b",
        "0b 03 20 00 00 04 01 00 00 01 5e 00 00 00 0c 00 00 00 00 00 02 66 a6 00 03 96 2a ff fe c5 8c 00 "
        "00 0a f0 30 36",
        _amps(10250.0, 3500.0, 120.0) | _watts(2350.5, -805.0, 28.0) | {"power_w": 1573.5},
        (102, -35, 1),
    ),
    Golden(
        "abb_b23",
        "power",
        "0b 03 5b 14 00 02 97 81",
        "0b 03 04 00 02 66 a6 5a 29",
        {"power_w": 1573.5},
    ),
    Golden(
        "abb_b23",
        "import",
        "0b 03 50 00 00 04 55 a3",
        "0b 03 08 00 00 00 00 00 12 d6 87 0a 08",
        {"import_wh": 12345670.0},
    ),
    Golden(
        "abb_b23",
        "export",
        "0b 03 50 04 00 04 14 62",
        "0b 03 08 00 00 00 00 00 00 10 e1 79 87",
        {"export_wh": 43210.0},
    ),
    Golden(
        "solaredge",
        "",
        "0b 03 9c ff 00 04 5a c3",
        "0b 03 08 04 01 01 5e 00 0c ff fe 0d 53",
        _amps(10250.0, 3500.0, 120.0),
        (102, 35, 1),
    ),
    Golden(
        "solaredge",
        "power",
        "0b 03 9d 0e 00 05 cb 0c",
        "0b 03 0a 06 25 09 2e fc db 00 1c 00 00 c5 b3",
        _watts(-2350.0, 805.0, -28.0) | {"power_w": -1573.0},
    ),
    Golden(
        "solaredge",
        "",
        "0b 03 9d 2a 00 02 ca c5",
        "0b 03 04 00 bc 61 4e 38 73",
        {"import_wh": 12345678.0},
        instead={"import_wh": Value(40234, "u32", 1)},
    ),
    Golden(
        "wago_879",
        "",
        "0b 03 50 0c 00 06 14 61",
        "0b 03 0c 41 24 00 00 40 60 00 00 be 00 00 00 1b 65",
        _amps(10250.0, 3500.0, -125.0),
        (102, 35, -1),
    ),
    Golden(
        "wago_879",
        "power",
        "0b 03 50 12 00 02 75 a4",
        "0b 03 04 40 16 6e 98 89 fd",
        {"power_w": 2350.5},
    ),
    Golden(
        "wago_879",
        "import",
        "0b 03 60 0c 00 02 1a a2",
        "0b 03 04 46 40 e6 b6 8f 79",
        {"import_wh": 12345678.0},
    ),
    Golden(
        "wago_879",
        "export",
        "0b 03 60 18 00 02 5a a6",
        "0b 03 04 45 87 0c 00 f0 16",
        {"export_wh": 4321500.0},
    ),
    Golden(
        "finder_7m",
        "currents",
        "0b 04 09 d4 00 14 b3 0b",
        "0b 04 28 41 24 00 00 40 60 00 00 3e 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 45 "
        "12 e8 00 c4 49 40 00 41 e0 00 00 53 ab",
        _amps(10250.0, 3500.0, 125.0) | _watts(2350.5, -805.0, 28.0),
        (102, -35, 1),
    ),
    Golden(
        "finder_7m",
        "power",
        "0b 04 09 e8 00 02 f2 c9",
        "0b 04 04 44 c4 b0 00 71 49",
        {"power_w": 1573.5},
    ),
    Golden(
        "finder_7m",
        "",
        "0b 04 0a 4e 00 02 12 ae",
        "0b 04 04 4b 3c 61 4e 2f c8",
        {"import_wh": 12345678.0},
        instead={"import_wh": Value(2638, "f32", 1)},
    ),
    Golden(
        "finder_7m",
        "import",
        "0b 04 0a c0 00 02 72 85",
        "0b 04 04 4b 3c 61 4e 2f c8",
        {"import_wh": 12345678.0},
    ),
    Golden(
        "sinotimer_dts6619",
        "",
        "0b 04 00 03 00 03 40 a1",
        "0b 04 06 04 01 01 5e 00 0c 42 5c",
        _amps(10250.0, 3500.0, 120.0),
        (102, 35, 1),
    ),
    Golden(
        "sinotimer_dts6619",
        "",
        "0b 04 00 08 00 03 31 63",
        "0b 04 06 09 2e 03 25 00 1c e6 ea",
        _watts(2350.0, 805.0, 28.0),
    ),
    Golden(
        "sinotimer_dts6619",
        "import",
        "0b 04 00 27 00 02 c1 6a",
        "0b 04 04 00 12 d6 87 ef 83",
        {"import_wh": 12345670.0},
    ),
    Golden(
        "sinotimer_dts6619",
        "export",
        "0b 04 00 31 00 02 20 ae",
        "0b 04 04 00 00 10 e1 9c 0c",
        {"export_wh": 43210.0},
    ),
    Golden(
        "schneider_iem3000",
        "currents",
        "0b 03 0b b7 00 3c f7 73",
        "0b 03 78 41 24 00 00 40 60 00 00 3e 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
        "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
        "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
        "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 40 16 6e 98 bf 4e 14 7b 3c e5 60 42 09 15",
        _amps(10250.0, 3500.0, 125.0) | _watts(2350.5, -805.0, 28.0),
        (102, -35, 1),
    ),
    Golden(
        "schneider_iem3000",
        "power",
        "0b 03 0b f3 00 02 36 b6",
        "0b 03 04 3f c9 68 73 e2 3c",
        {"power_w": 1573.5},
    ),
    Golden(
        "schneider_iem3000",
        "",
        "0b 03 b0 2b 00 02 92 69",
        "0b 03 04 46 40 e6 b6 8f 79",
        {"import_wh": 12345678.0},
        instead={"import_wh": Value(0xB02B, "f32", 1000)},
    ),
    Golden(
        "schneider_iem3000",
        "import",
        "0b 03 0c 83 00 04 b6 1b",
        "0b 03 08 00 00 00 00 00 bc 61 4e dc 4f",
        {"import_wh": 12345678.0},
    ),
    Golden(
        "chint_dtsu666",
        "currents",
        "0b 03 20 0c 00 0e 0f 67",
        "0b 03 1c 46 20 28 00 45 5a c0 00 42 fa 00 00 46 75 dc 00 46 b7 a2 00 c5 fb 90 00 43 8c 00 00 6d ca",
        _amps(10250.0, 3500.0, 125.0) | _watts(2350.5, -805.0, 28.0) | {"power_w": 1573.5},
        (102, -35, 1),
    ),
    Golden(
        "chint_dtsu666",
        "power",
        "0b 03 20 12 00 02 6f 64",
        "0b 03 04 46 75 dc 00 0c 61",
        {"power_w": 1573.5},
    ),
    Golden(
        "chint_dtsu666",
        "import",
        "0b 03 10 1e 00 02 a0 67",
        "0b 03 04 46 40 e6 b6 8f 79",
        {"import_wh": 12345678.0},
    ),
    Golden(
        "chint_ddsu666",
        "currents",
        "0c 03 20 02 00 04 ef 14",
        "0c 03 08 41 24 00 00 c0 16 6e 98 ff 8b",
        {"current_l1_ma": 10250.0, "power_l1_w": -2350.5},
        (-102, 0, 0),
    ),
    Golden(
        "gavazzi_em340",
        "currents",
        "0b 04 00 0c 00 06 b0 a1",
        "0b 04 0c 28 0a 00 00 f2 6d ff ff 00 78 00 00 ec 51",
        _amps(10250.0, -3475.0, 120.0),
        (102, -34, 1),
    ),
    Golden(
        "gavazzi_em340",
        "power",
        "0b 04 00 28 00 02 f1 69",
        "0b 04 04 c2 77 ff ff dd 96",
        {"power_w": -1575.3},
    ),
    Golden(
        "gavazzi_em340",
        "import",
        "0b 04 00 34 00 02 30 af",
        "0b 04 04 e2 40 00 01 a7 e8",
        {"import_wh": 12345600.0},
    ),
    Golden(
        "gavazzi_em340",
        "export",
        "0b 04 00 4e 00 02 11 76",
        "0b 04 04 10 e1 00 00 05 72",
        {"export_wh": 432100.0},
    ),
)
