"""Waiting for services that are down: a document is never blamed for a service's failure."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from prometheus_client import Counter

from services.shared.kit.errors import (
    PlatformError,
    RateLimitedError,
    StorageFullError,
    UnavailableError,
    UpstreamError,
    UpstreamTimeoutError,
)
from services.shared.kit.telemetry import get_logger

RETRIES = Counter("ragworks_ingest_retries_total", "Calls to a service that were repeated.", ["stage", "reason"])

_TRANSIENT = (UnavailableError, UpstreamTimeoutError, UpstreamError, RateLimitedError, StorageFullError)
_FIRST_DELAY_S = 0.25
_LONGEST_DELAY_S = 3.0  # work goes on soon after a service is back, however long it was away

T = TypeVar("T")
_log = get_logger("ingest")


class ServiceGaveUpError(Exception):
    """A service did not come back within the job's patience."""

    def __init__(self, stage: str, error: PlatformError) -> None:
        super().__init__(error.message)
        self.stage = stage
        self.error = error


def first_given_up(error: BaseException) -> ServiceGaveUpError:
    """The error itself, or the first in a group of them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, ServiceGaveUpError)  # noqa: S101 - the group was filtered for them
    return error


class Patience:
    """Repeats calls while a service is down, up to a window of time per call.

    `report` is told what is being waited for, and None when it came back.
    """

    def __init__(self, window: timedelta, *, report: Callable[[str | None], Awaitable[None]]) -> None:
        self._window_s = window.total_seconds()
        self._report = report

    async def tell(self, message: str | None) -> None:
        """Say what is being waited for elsewhere; None: nothing any more."""
        await self._report(message)

    async def insist(self, stage: str, call: Callable[[], Awaitable[T]]) -> T:
        """The call's result, sooner or later.

        Raises:
            ServiceGaveUpError: the service was down for the whole window.
            PlatformError: an error that waiting does not change.
        """
        deadline: float | None = None
        delay = _FIRST_DELAY_S
        while True:
            try:
                result = await call()
            except _TRANSIENT as error:
                deadline = deadline or time.monotonic() + self._window_s
                await self._wait(stage, error, delay=delay, deadline=deadline)
                delay = min(2 * delay, _LONGEST_DELAY_S)
            else:
                if deadline is not None:
                    await self._report(None)
                return result

    async def _wait(self, stage: str, error: PlatformError, *, delay: float, deadline: float) -> None:
        if time.monotonic() >= deadline:
            raise ServiceGaveUpError(stage, error) from error
        RETRIES.labels(stage, error.code).inc()
        _log.warning("service_awaited", stage=stage, reason=error.message)
        await self._report(f"Waiting to {stage}: {error.message}")
        await asyncio.sleep(pause(error, back_off=delay, left=deadline - time.monotonic()))


def pause(error: PlatformError, *, back_off: float, left: float) -> float:
    """Seconds until a call is repeated: at least what a service asked for that limits its callers, if so long is left.

    What a service that is down says of its return is a guess, which the back-off replaces.
    """
    spread = back_off * random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries, hides nothing
    asked = error.retry_after_seconds if isinstance(error, RateLimitedError) else None
    return max(spread, min(float(asked or 0), left))


def impatient() -> Patience:
    """For what is looked at again in a few seconds anyway."""

    async def unreported(_: str | None) -> None:
        return None

    return Patience(timedelta(0), report=unreported)
