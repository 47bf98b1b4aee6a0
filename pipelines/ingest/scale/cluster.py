"""The ingest worker's hand on a Ray cluster: its driver process, started when there is work, ended when it is lost."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from pipelines.ingest.scale.messages import (
    Answer,
    Connect,
    Connected,
    Ended,
    Report,
    Request,
    Run,
    Stop,
    Task,
    Waits,
    decode,
    encode,
)
from pipelines.ingest.settings import LOCAL_RAY, IngestSettings
from services.shared.components.catalogue.work import RunningJob
from services.shared.components.parsers.wire import HEADER
from services.shared.kit.errors import UnavailableError
from services.shared.kit.telemetry import get_logger

_MODULE = "pipelines.ingest.scale"
_CONNECT_S = 120.0
_IDLE_S = 60.0  # then the driver's gigabyte is given back, and the machine's own cluster ended
_LOOK_S = 1.0
_MISSED_LOOKS = 3
_PROBE_S = 2.0
_log = get_logger("ingest")

Listener = Callable[[Report | Waits], Awaitable[None]]


class Cluster:
    """Runs tasks of one job at a time; `settings` go to the workers, so they hold the keys these need."""

    def __init__(self, settings: IngestSettings) -> None:
        self._settings = settings
        self._lock = asyncio.Lock()
        self._driver: Process | None = None
        self._idle: asyncio.TimerHandle | None = None

    async def run(
        self, job: RunningJob, tasks: Sequence[Task], *, heard: Listener, stopped: Callable[[], Awaitable[bool]]
    ) -> None:
        """Have the tasks done; `heard` is told of what comes, `stopped` is asked whether to begin no more of them.

        Raises:
            UnavailableError: the cluster cannot be reached, was lost, or its workers do not work; says which.
        """
        async with self._lock:
            if self._idle is not None:
                self._idle.cancel()
            try:
                await self._probe()
                driver = await self._connected()
                _send(driver, Run(job, tuple(tasks)))
                watch = asyncio.create_task(self._watch(driver, stopped))
                try:
                    await self._listen(driver, heard)
                finally:
                    await _ended(watch)
            except BaseException:
                await self._end_driver()  # who knows what state it is in
                raise
            self._idle = asyncio.get_running_loop().call_later(_IDLE_S, _kill, driver)

    async def close(self) -> None:
        """End the driver process; workers on the cluster end with it."""
        await self._end_driver()

    async def _listen(self, driver: Process, heard: Listener) -> None:
        while True:
            match await self._answer(driver):
                case Report() | Waits() as news:
                    await heard(news)
                case Ended(error=None):
                    return
                case Ended(error=error):
                    raise UnavailableError(f"The workers on {self._name} failed: {error}")
                case Connected():
                    pass

    async def _watch(self, driver: Process, stopped: Callable[[], Awaitable[bool]]) -> None:
        """Passes on that the job is to stop; ends a driver whose cluster is gone, which it notices after minutes."""
        missed, told = 0, False
        while missed < _MISSED_LOOKS:
            await asyncio.sleep(_LOOK_S)
            if not told and await stopped():
                _send(driver, Stop())
                told = True
            try:
                await self._probe()
                missed = 0
            except UnavailableError:
                missed += 1
        _kill(driver)

    async def _connected(self) -> Process:
        if self._driver is not None and self._driver.returncode is None:
            return self._driver
        await self._end_driver()
        self._driver = driver = await asyncio.create_subprocess_exec(
            sys.executable, "-m", _MODULE, stdin=PIPE, stdout=PIPE
        )
        _log.info("ray_driver_started", address=self._settings.ray_address, pid=driver.pid)
        _send(driver, Connect(self._settings))
        try:
            async with asyncio.timeout(_CONNECT_S):
                await self._answer(driver)
        except TimeoutError:
            raise UnavailableError(f"{self._name} did not let us in within {_CONNECT_S:g} seconds.") from None
        return driver

    async def _answer(self, driver: Process) -> Answer:
        assert driver.stdout is not None  # noqa: S101 - opened with PIPE
        try:
            (length,) = HEADER.unpack(await driver.stdout.readexactly(HEADER.size))
            answer = decode(await driver.stdout.readexactly(length))
        except asyncio.IncompleteReadError as error:
            raise UnavailableError(f"{self._name} was lost.") from error
        assert isinstance(answer, Answer)  # noqa: S101 - the driver is of this very release
        return answer

    async def _probe(self) -> None:
        """Raises UnavailableError when nobody listens at the cluster's address."""
        address = self._settings.ray_address
        if address == LOCAL_RAY:
            return
        host, _, port = address.rpartition(":")
        try:
            async with asyncio.timeout(_PROBE_S):
                _, writer = await asyncio.open_connection(host, int(port))
        except (OSError, TimeoutError) as error:
            message = f"{self._name} cannot be reached; start it with 'ray start --head' there, or mend the address."
            raise UnavailableError(message) from error
        writer.close()

    async def _end_driver(self) -> None:
        driver, self._driver = self._driver, None
        if driver is not None:
            _kill(driver)
            await driver.communicate()  # reads what is left: an unread pipe keeps its transport open

    @property
    def _name(self) -> str:
        address = self._settings.ray_address
        return "The Ray cluster of this machine" if address == LOCAL_RAY else f"The Ray cluster at {address}"


def _send(driver: Process, request: Request) -> None:
    assert driver.stdin is not None  # noqa: S101 - opened with PIPE
    body = encode(request)
    driver.stdin.write(HEADER.pack(len(body)) + body)


def _kill(driver: Process) -> None:
    if driver.returncode is None:
        with suppress(ProcessLookupError):
            driver.kill()


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
