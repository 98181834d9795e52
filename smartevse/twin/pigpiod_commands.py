"""The words of pigpiod's socket protocol: command numbers, error numbers, and the limits behind them. Facts only.

Numbers as in pigpio 79 (`pigpio.h`, `command.h`), behaviour as in its daemon on a Raspberry Pi 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

VERSION = 79
HARDWARE_REVISION = 0xC03114
"""Raspberry Pi 4 B, 4 GB."""
MAX_EXTENSION_BYTES = 65_535
"""A longer extension makes pigpiod close the connection."""
MAX_GPIO = 53
MAX_USER_GPIO = 31
PERMITTED_GPIOS = 0x0FFFFFFC
"""The pins of the 40-pin header without the EEPROM's: what pigpiod lets anyone drive on a Pi 4."""
PWM_CLOCK_HZ = 750_000_000
"""PLLD of a Pi 4; the hardware PWM counts at half of it."""
MAX_HARDWARE_PWM_HZ = 187_500_000
HARDWARE_PWM_RANGE = 1_000_000
HARDWARE_PWM: Mapping[int, tuple[int, int]] = {
    12: (0, 4), 13: (1, 4), 18: (0, 2), 19: (1, 2), 40: (0, 4), 41: (1, 4), 45: (1, 4), 52: (0, 5), 53: (1, 5),
}  # fmt: skip
"""gpio → (PWM channel, pin mode that connects it). Two pins on one channel always show the same."""
HARDWARE_CLOCK: Mapping[int, tuple[int, int]] = {
    4: (0, 4), 5: (1, 4), 6: (2, 4), 20: (0, 2), 21: (1, 2), 32: (0, 4), 34: (0, 4), 42: (1, 4), 43: (2, 4), 44: (1, 4),
}  # fmt: skip
"""gpio → (clock, pin mode); clock 1 belongs to the system."""
SAMPLED_PWM: tuple[tuple[int, int], ...] = (
    (8000, 25), (4000, 50), (2000, 100), (1600, 125), (1000, 200), (800, 250), (500, 400), (400, 500), (320, 625),
    (250, 800), (200, 1000), (160, 1250), (100, 2000), (80, 2500), (50, 4000), (40, 5000), (20, 10000), (10, 20000),
)  # fmt: skip
"""(frequency in Hz, steps in a period) of the PWM made by DMA at pigpiod's standard 5 µs a sample."""
DEFAULT_SAMPLED_HZ = 800
DEFAULT_RANGE = 255


class Cmd(IntEnum):
    """Command numbers, named as pigpiod names them."""

    MODES = 0
    MODEG = 1
    PUD = 2
    READ = 3
    WRITE = 4
    PWM = 5
    PRS = 6
    PFS = 7
    SERVO = 8
    WDOG = 9
    BR1 = 10
    BR2 = 11
    BC1 = 12
    BC2 = 13
    BS1 = 14
    BS2 = 15
    TICK = 16
    HWVER = 17
    NO = 18
    NB = 19
    NP = 20
    NC = 21
    PRG = 22
    PFG = 23
    PRRG = 24
    HELP = 25
    PIGPV = 26
    WVCLR = 27
    WVAG = 28
    WVAS = 29
    WVGO = 30
    WVGOR = 31
    WVBSY = 32
    WVHLT = 33
    WVSM = 34
    WVSP = 35
    WVSC = 36
    TRIG = 37
    PROC = 38
    PROCD = 39
    PROCR = 40
    PROCS = 41
    SLRO = 42
    SLR = 43
    SLRC = 44
    PROCP = 45
    MICS = 46
    MILS = 47
    WVCRE = 49
    WVDEL = 50
    WVTX = 51
    WVTXR = 52
    WVNEW = 53
    I2CO = 54
    I2CC = 55
    I2CRD = 56
    I2CWD = 57
    I2CWQ = 58
    I2CRS = 59
    I2CWS = 60
    I2CRB = 61
    I2CWB = 62
    I2CRW = 63
    I2CWW = 64
    I2CRK = 65
    I2CWK = 66
    I2CRI = 67
    I2CWI = 68
    I2CPC = 69
    I2CPK = 70
    SPIO = 71
    SPIC = 72
    SPIR = 73
    SPIW = 74
    SPIX = 75
    SERO = 76
    SERC = 77
    SERRB = 78
    SERWB = 79
    SERR = 80
    SERW = 81
    SERDA = 82
    GDC = 83
    GPW = 84
    HC = 85
    HP = 86
    BI2CC = 89
    BI2CO = 90
    BI2CZ = 91
    I2CZ = 92
    WVCHA = 93
    SLRI = 94
    CGI = 95
    CSI = 96
    FG = 97
    FN = 98
    NOIB = 99
    WVTXM = 100
    WVTAT = 101
    PADS = 102
    PADG = 103
    FO = 104
    FC = 105
    FR = 106
    FW = 107
    FS = 108
    FL = 109
    SHELL = 110
    BSPIC = 111
    BSPIO = 112
    BSPIX = 113
    EVM = 115
    EVT = 116
    PROCU = 117
    WVCAP = 118


class Err(IntEnum):
    """Error numbers that stand in an answer's last word."""

    BAD_USER_GPIO = -2
    BAD_GPIO = -3
    BAD_MODE = -4
    BAD_LEVEL = -5
    BAD_PUD = -6
    BAD_PULSEWIDTH = -7
    BAD_DUTYCYCLE = -8
    BAD_WDOG_TIMEOUT = -15
    BAD_DUTYRANGE = -21
    NO_HANDLE = -24
    BAD_HANDLE = -25
    BAD_WAVE_MODE = -33
    BAD_WAVE_BAUD = -35
    TOO_MANY_PULSES = -36
    NOT_SERIAL_GPIO = -38
    NOT_PERMITTED = -41
    SOME_PERMITTED = -42
    BAD_WVSC_COMMND = -43
    BAD_WVSM_COMMND = -44
    BAD_WVSP_COMMND = -45
    BAD_PULSELEN = -46
    BAD_SCRIPT_ID = -48
    GPIO_IN_USE = -50
    NO_SCRIPT_ROOM = -57
    BAD_MICS_DELAY = -64
    BAD_MILS_DELAY = -65
    BAD_WAVE_ID = -66
    EMPTY_WAVEFORM = -69
    SER_OPEN_FAILED = -72
    BAD_I2C_BUS = -74
    BAD_I2C_ADDR = -75
    BAD_SPI_CHANNEL = -76
    BAD_FLAGS = -77
    BAD_SPI_SPEED = -78
    BAD_PARAM = -81
    I2C_WRITE_FAILED = -82
    I2C_READ_FAILED = -83
    BAD_SPI_COUNT = -84
    UNKNOWN_COMMAND = -88
    SPI_XFER_FAILED = -89
    BAD_POINTER = -90
    NOT_PWM_GPIO = -92
    NOT_SERVO_GPIO = -93
    NOT_HCLK_GPIO = -94
    NOT_HPWM_GPIO = -95
    BAD_HPWM_FREQ = -96
    BAD_HPWM_DUTY = -97
    BAD_HCLK_FREQ = -98
    BAD_HCLK_PASS = -99
    BAD_I2C_SEG = -106
    NOT_I2C_GPIO = -108
    BAD_I2C_WLEN = -109
    BAD_I2C_RLEN = -110
    BAD_I2C_CMD = -111
    CHAIN_TOO_BIG = -119
    DEPRECATED = -120
    BAD_FILTER = -125
    BAD_PAD = -126
    BAD_STRENGTH = -127
    NO_FILE_ACCESS = -137
    BAD_SCRIPT_NAME = -140
    NOT_SPI_GPIO = -142
    BAD_EVENT_ID = -143


UNAVAILABLE: Mapping[int, Err] = {
    # scripts: the store is full, so no script has a number
    Cmd.PROC: Err.NO_SCRIPT_ROOM,
    Cmd.PROCD: Err.BAD_SCRIPT_ID, Cmd.PROCR: Err.BAD_SCRIPT_ID, Cmd.PROCS: Err.BAD_SCRIPT_ID,
    Cmd.PROCP: Err.BAD_SCRIPT_ID, Cmd.PROCU: Err.BAD_SCRIPT_ID,
    # serial ports, on a tty or bit by bit on a pin: none can be opened
    Cmd.SERO: Err.SER_OPEN_FAILED,
    Cmd.SERC: Err.BAD_HANDLE, Cmd.SERRB: Err.BAD_HANDLE, Cmd.SERWB: Err.BAD_HANDLE, Cmd.SERR: Err.BAD_HANDLE,
    Cmd.SERW: Err.BAD_HANDLE, Cmd.SERDA: Err.BAD_HANDLE,
    Cmd.SLRO: Err.GPIO_IN_USE,
    Cmd.SLR: Err.NOT_SERIAL_GPIO, Cmd.SLRC: Err.NOT_SERIAL_GPIO, Cmd.SLRI: Err.NOT_SERIAL_GPIO,
    # buses made of plain pins: every pin of the hat has another use
    Cmd.BI2CO: Err.GPIO_IN_USE, Cmd.BI2CC: Err.NOT_I2C_GPIO, Cmd.BI2CZ: Err.NOT_I2C_GPIO,
    Cmd.BSPIO: Err.GPIO_IN_USE, Cmd.BSPIC: Err.NOT_SPI_GPIO, Cmd.BSPIX: Err.NOT_SPI_GPIO,
    # files and programs of the Pi: a daemon without an access list refuses them all
    Cmd.FO: Err.NO_FILE_ACCESS, Cmd.FL: Err.NO_FILE_ACCESS,
    Cmd.FC: Err.BAD_HANDLE, Cmd.FR: Err.BAD_HANDLE, Cmd.FW: Err.BAD_HANDLE, Cmd.FS: Err.BAD_HANDLE,
    Cmd.SHELL: Err.BAD_SCRIPT_NAME,
    # removed from pigpiod
    Cmd.WVGO: Err.DEPRECATED, Cmd.WVGOR: Err.DEPRECATED,
    Cmd.WVCHA: Err.CHAIN_TOO_BIG,
}  # fmt: skip
"""What this daemon has no room for, with the error that a client of the real one can meet as well."""
