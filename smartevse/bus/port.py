"""The one owner of the RS485 line: opens it, keeps it open, and hands out one request at a time.

A line that is absent or goes away is said once, and once again when it is back; nobody has to be restarted for it.
The Modbus client is imported when the line is first opened, as it is the heaviest thing in the program.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from smartevse.bus import rtu
from smartevse.bus.device import obstacle
from smartevse.bus.listener import BROADCAST_UNIT, Heard, Kind, Listener
from smartevse.bus.meter import Request

if TYPE_CHECKING:
    from pymodbus.client import AsyncModbusSerialClient
    from pymodbus.pdu import ModbusPDU

FIRST_BYTE_S = 0.15
"""So long a device may take to begin its answer, from the end of the question on."""
PAUSE_S = 0.1
"""Bytes of one answer are never further apart, however an adapter lumps them; then what has come is all of it."""
LATE_START_S = 0.0024
"""What is told to all may leave so much later than it was handed over, as an adapter has a clock of its own: nobody
answers it, so only our clock says when it is over."""
BABBLE_S = 0.5
"""A line that is never quiet is spoken on all the same after so long."""
GIVE_WAY_S = 4.0
"""So long the line is left to another master after each of its questions, by a unit that stands alone."""
READ_BYTES, WRITE_BYTES = 8, 9
"""What goes over the wire for a question without the registers: a read, or a write of several registers."""
ANSWER_BYTES = 8
"""An answer without the registers of a read; one of these has less."""
REFUSAL_BYTES = 5
RETRY_S = (1.0, 2.0, 5.0)
"""How long to wait before the line is opened again: the last one is repeated."""
WATCH_S = 1.0
"""How often an open line is looked at: an adapter that was pulled out while nobody asked shows here."""

_log = logging.getLogger("smartevse.bus")


class BusError(Exception):
    """A request was not answered; the text says why, or what to look at."""


class Refused(BusError):
    """The device answered, but with an exception of the protocol: it does not do what it was asked."""


class Garbled(BusError):
    """Bytes came back, but no good answer: noise, or two devices that answer at once."""


class GaveWay(BusError):
    """Nothing was asked, as another master asks on this line."""


class Port:
    """One serial line with Modbus RTU, 8 data bits, no parity, 1 stop bit."""

    def __init__(self, device: str, baud: int) -> None:
        self.device = device
        self.overheard: Callable[[Heard], None] | None = None
        """Gets the questions that others ask on this line, and the answers to them."""
        self.gives_way = False
        """Whether another master that is heard has the line for itself."""
        self._foreign_until_s = float("-inf")
        self._gave_way = False
        self._question = b""
        self._baud = baud
        self._gap_s = rtu.gap_s(baud)
        self._limit: asyncio.Timeout | None = None
        """When the question under way is given up; None while nobody is to answer."""
        self._give_up_s = 0.0
        """The end of it, whatever still comes."""
        self._listener = Listener()
        self._heard_bytes = 0
        self._answer_bytes = 0
        """How many bytes have come back to the question under way."""
        self._client: AsyncModbusSerialClient | None = None
        self._lock = asyncio.Lock()
        self._free_at_s = 0.0
        self._last_byte_s = float("-inf")
        self._said: str | None = ""

    @property
    def connected(self) -> bool:
        """Whether the line is open."""
        return self._client is not None and self._client.connected

    @property
    def gave_way(self) -> bool:
        """Whether nothing is asked because another master asks."""
        return self._gave_way

    async def run(self) -> None:
        """Open the line and keep it open until cancelled."""
        waits = iter(RETRY_S)
        try:
            while True:
                if self.connected:
                    waits = iter(RETRY_S)
                    await asyncio.sleep(WATCH_S)
                    continue
                lost = self._client is not None
                problem = await self._open()
                if lost and problem is None:
                    _log.warning("the RS485 line %s was lost for a moment", self.device)
                self._say(problem)
                if problem is not None:
                    await asyncio.sleep(next(waits, RETRY_S[-1]))
        finally:
            self._close()

    async def read(self, device_id: int, request: Request, *, first_byte_s: float = FIRST_BYTE_S) -> Sequence[int]:
        """The registers that a device answers. Raises BusError when it does not, Refused when it will not.

        `first_byte_s`: how long it may take to begin.
        """

        def ask(client: AsyncModbusSerialClient) -> Awaitable[ModbusPDU]:
            read = client.read_input_registers if request.function == 4 else client.read_holding_registers
            return read(request.address, count=request.count, device_id=device_id)

        answer = await self._exchange(ask, READ_BYTES, 2 * request.count + ANSWER_BYTES, first_byte_s)
        if answer.isError():
            raise Refused(f"device {device_id} refuses {request.count} registers from {request.address:#06x}")
        if len(answer.registers) != request.count:
            raise Garbled(f"it answers {len(answer.registers)} registers where {request.count} were asked for")
        return answer.registers

    async def write_one(self, device_id: int, address: int, value: int) -> None:
        """Write one register, 0 to 65535. Raises BusError when nobody confirms it, Refused when the device will not."""
        answer = await self._exchange(
            lambda client: client.write_register(address, value, device_id=device_id), READ_BYTES, ANSWER_BYTES
        )
        if answer.isError():
            raise Refused(f"device {device_id} refuses {value} in register {address:#06x}")

    async def write_many(self, device_id: int, address: int, values: Sequence[int]) -> int:
        """Write registers from `address` on; the result is how many of them the device took, at least 1.

        Raises BusError when nobody confirms it, Refused when the device will not.
        """
        answer = await self._exchange(
            lambda client: client.write_registers(address, list(values), device_id=device_id),
            WRITE_BYTES + 2 * len(values),
            ANSWER_BYTES,
        )
        if answer.isError():
            raise Refused(f"device {device_id} refuses {len(values)} values from register {address:#06x}")
        return int(answer.count)

    async def broadcast(self, address: int, values: Sequence[int], *, single: bool = False) -> None:
        """Tell all nodes; nobody answers. `single`: one register, in the short form. Raises BusError without a line."""

        def tell(client: AsyncModbusSerialClient) -> Awaitable[ModbusPDU]:
            if single:
                return client.write_register(address, values[0], device_id=BROADCAST_UNIT, no_response_expected=True)
            return client.write_registers(address, list(values), device_id=BROADCAST_UNIT, no_response_expected=True)

        await self._exchange(tell, READ_BYTES if single else WRITE_BYTES + 2 * len(values), 0)

    async def _exchange(
        self,
        ask: Callable[[AsyncModbusSerialClient], Awaitable[ModbusPDU]],
        characters: int,
        answer_characters: int,
        first_byte_s: float = FIRST_BYTE_S,
    ) -> ModbusPDU:
        """One question of so many characters with its answer (0: none), when it is its turn and the line is quiet."""
        async with self._lock:
            client = self._client
            if client is None or not client.connected:
                raise BusError(f"the RS485 line {self.device} is not open")
            # only now: before there is a client a thread may be importing the package, and two imports can lock up
            from pymodbus.exceptions import ModbusException

            await self._quiet()
            self._leave_to_others()
            clock = asyncio.get_running_loop().time
            told_s = clock() + characters * rtu.CHARACTER_BITS / self._baud
            self._give_up_s = told_s + first_byte_s + answer_characters * rtu.CHARACTER_BITS / self._baud + PAUSE_S
            client.ctx.comm_params.timeout_connect = self._give_up_s - clock() + PAUSE_S  # ours comes first
            self._answer_bytes = 0
            task = asyncio.current_task()
            cancels = task.cancelling() if task is not None else 0
            limit = asyncio.timeout_at(told_s + first_byte_s)
            try:
                async with limit:
                    self._limit = limit if answer_characters else None
                    answer = await ask(client)
                self._heard_bytes = 0  # the client has taken what it has understood
                return answer
            except ModbusException as error:
                ended = not limit.expired() or (task is not None and task.cancelling() > cancels)
                if ended and isinstance(error.__cause__, asyncio.CancelledError):
                    raise error.__cause__ from None  # the client swallows it; a task that is to end must end
                if self._answer_bytes:
                    raise Garbled(
                        "its answers are damaged; see to the wires, or two devices have its number"
                    ) from error
                raise BusError("check its address, its speed and the wires A and B") from error
            except OSError as error:
                raise BusError(f"the RS485 line {self.device} does not work ({error})") from error
            finally:
                self._limit = None
                self._free_at_s = told_s + self._gap_s + (0.0 if answer_characters else LATE_START_S)

    def _leave_to_others(self) -> None:
        """Raises GaveWay while another master has the line; one line in the journal when that begins and ends."""
        giving = self.gives_way and asyncio.get_running_loop().time() < self._foreign_until_s
        if giving and not self._gave_way:
            _log.warning("another master asks on the RS485 line: nothing is asked until it has been quiet for 4 s")
        elif self._gave_way and not giving:
            _log.info("no other master asks on the RS485 line any more")
        self._gave_way = giving
        if giving:
            raise GaveWay("another master asks on this line; take it away or set LOAD BAL")

    async def _quiet(self) -> None:
        """Wait until the line has been silent for as long as must be between two frames."""
        clock = asyncio.get_running_loop().time
        began_s = clock()
        while clock() < began_s + BABBLE_S:
            wait_s = max(self._free_at_s, self._last_byte_s + self._gap_s) - clock()
            if wait_s <= 0:
                return
            await asyncio.sleep(wait_s)

    def _pass(self, sending: bool, data: bytes) -> bytes:
        """From the client: what it sends, or all that came since then; the result is what it sees of it."""
        at_s = asyncio.get_running_loop().time()
        if sending:
            self._heard_bytes = 0
            self._listener = Listener()
            self._listener.feed(data, at_s)  # so that the answer to it is known as one
            self._question = data
            return data
        new, self._heard_bytes = data[self._heard_bytes :], len(data)
        self._last_byte_s = at_s
        for heard in self._listener.feed(new, at_s):
            self._listen(heard)
        if self._limit is None:
            if self._client is not None:
                self._client.ctx.recv_buffer, self._heard_bytes = b"", 0  # it would be full some time
            return b""  # not the client's business, who would take it for an answer
        self._answer_bytes = len(data)
        if not self._limit.expired():
            self._limit.reschedule(min(at_s + PAUSE_S, self._give_up_s))
        return marked(data)

    def _listen(self, heard: Heard) -> None:
        """What others say, and what came too late for us."""
        asking = self._limit is not None
        if heard.kind is Kind.REQUEST and heard.request is not None and not (asking and heard.data == self._question):
            if heard.request.unit not in (rtu.BROADCAST, BROADCAST_UNIT):
                self._foreign_until_s = heard.at_s + GIVE_WAY_S
        elif heard.kind is not Kind.ANSWER or asking:
            return
        if self.overheard is not None:
            self.overheard(heard)

    async def _open(self) -> str | None:
        """Try to open the line; one sentence when it cannot be."""
        self._close()
        problem = obstacle(self.device)
        if problem is not None:
            return problem.sentence
        client = await self._new_client()
        try:
            opened = await client.connect()
        except ValueError as error:
            # pyserial: the driver does not know this speed
            client.close()
            return f"the RS485 line {self.device} cannot be set to {self._baud} baud ({error})"
        if not opened or not client.connected:
            client.close()
            return f"the RS485 line {self.device} cannot be opened: check [bus] device and that it is a serial port"
        self._client = client
        return None

    async def _new_client(self) -> AsyncModbusSerialClient:
        """A client for the line, without its own ways to reconnect and repeat: those are ours."""
        serial_client = await asyncio.to_thread(load_client)
        client = serial_client(
            self.device,
            baudrate=self._baud,
            timeout=FIRST_BYTE_S,
            retries=0,
            reconnect_delay=0,
            trace_packet=self._pass,
        )
        # A silent meter is no reason to close the line on all the others.
        client.set_max_no_responses(1 << 30)
        return client

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _say(self, problem: str | None) -> None:
        """One line when the line goes or comes, none while nothing changes."""
        if problem == self._said:
            return
        if problem is None:
            _log.info("the RS485 line %s is open", self.device)
        else:
            _log.warning("%s; charging in Normal mode goes on without meters", problem)
        self._said = problem


def load_client() -> Callable[..., AsyncModbusSerialClient]:
    """Import the Modbus client (70 ms on a laptop, a second on a small Pi: in a thread) and keep it quiet.

    What it has to say about silent devices is said by name, once, by whoever asked them.
    """
    from pymodbus.client import AsyncModbusSerialClient

    logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
    return AsyncModbusSerialClient


def marked(data: bytes) -> bytes:
    """The answer as the client understands it: some units refuse without marking the function code, so it is marked.

    Five bytes with a good checksum can be nothing else: an answer to a read has at least seven, all others eight.
    """
    if len(data) == REFUSAL_BYTES and not data[1] & 0x80 and rtu.is_sealed(data):
        return rtu.seal(bytes((data[0], data[1] | 0x80, data[2])))
    return data
