"""smartevse: an EV charging station (IEC 61851 / J1772 charge controller) for the Raspberry Pi."""

__version__ = "3.0.0a1"
