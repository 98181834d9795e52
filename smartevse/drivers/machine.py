"""Which machine this is: the Raspberry Pi's model, the hat that its firmware found, whether pigpiod is installed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_PIGPIOD = ("usr/bin/pigpiod", "usr/local/bin/pigpiod")


@dataclass(frozen=True, slots=True)
class FoundHat:
    """What the EEPROM of a hat says; the firmware of the Pi reads it at each start."""

    vendor: str
    product: str
    product_id: int


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine under `root`."""

    root: Path = Path("/")

    @property
    def model(self) -> str:
        """Such as "Raspberry Pi 4 Model B Rev 1.4"; empty where there is no device tree."""
        return self._text("model") or ""

    @property
    def is_pi(self) -> bool:
        """Whether this is a Raspberry Pi of any kind."""
        return self.model.startswith("Raspberry Pi")

    @property
    def serial(self) -> int:
        """The Pi's serial number; elsewhere a number of the installation, 0 where there is none."""
        text = self._text("serial-number")
        if text is None:
            try:
                text = (self.root / "etc/machine-id").read_text("ascii").strip()
            except (OSError, UnicodeDecodeError):
                return 0
        try:
            return int(text, 16)
        except ValueError:
            return 0

    @property
    def has_pigpiod(self) -> bool:
        """Whether the daemon is installed."""
        return any((self.root / place).exists() for place in _PIGPIOD)

    def hat(self) -> FoundHat | None:
        """The hat that the firmware found; None when none answered with a readable EEPROM."""
        vendor, product, number = (self._text(f"hat/{name}") for name in ("vendor", "product", "product_id"))
        if vendor is None or product is None or number is None:
            return None
        try:
            return FoundHat(vendor, product, int(number, 16))
        except ValueError:
            return None

    def _text(self, name: str) -> str | None:
        """One property of the device tree; None when it is not there. A hardened service does not see /proc."""
        try:
            data = (self.root / "sys/firmware/devicetree/base" / name).read_bytes()
        except OSError:
            return None
        return data.rstrip(b"\0").decode("utf-8", "replace")
