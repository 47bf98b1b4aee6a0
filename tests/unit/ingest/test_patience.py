"""Waiting for services."""

from datetime import timedelta

import pytest

from pipelines.ingest.patience import Patience, ServiceGaveUpError, pause
from services.shared.kit.errors import (
    InvalidRequestError,
    PlatformError,
    RateLimitedError,
    StorageFullError,
    UnavailableError,
)


class _Service:
    """Fails as told, then works."""

    def __init__(self, *failures: PlatformError) -> None:
        self._failures = list(failures)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self._failures:
            raise self._failures.pop(0)
        return "done"


class _Reports:
    def __init__(self) -> None:
        self.messages: list[str | None] = []

    async def __call__(self, message: str | None) -> None:
        self.messages.append(message)


async def test_a_call_is_repeated_until_the_service_is_back_and_the_wait_is_shown() -> None:
    service, reports = _Service(UnavailableError("It is down."), StorageFullError("The disk is full.")), _Reports()

    result = await Patience(timedelta(seconds=60), report=reports).insist("embed", service)

    assert (result, service.calls) == ("done", 3)
    assert reports.messages == ["Waiting to embed: It is down.", "Waiting to embed: The disk is full.", None]


async def test_what_waiting_does_not_change_is_raised_at_once() -> None:
    service, reports = _Service(InvalidRequestError("No.")), _Reports()

    with pytest.raises(InvalidRequestError):
        await Patience(timedelta(seconds=60), report=reports).insist("embed", service)

    assert (service.calls, reports.messages) == (1, [])


async def test_patience_ends_with_its_window() -> None:
    service = _Service(*[UnavailableError("It is down.")] * 3)

    with pytest.raises(ServiceGaveUpError, match="It is down") as gave_up:
        await Patience(timedelta(0), report=_Reports()).insist("index", service)

    assert gave_up.value.stage == "index"


def test_a_service_that_limits_its_callers_is_left_alone_for_as_long_as_it_asks() -> None:
    limited = RateLimitedError("Slow down.", retry_after_seconds=30)

    assert pause(limited, back_off=0.25, left=60) == 30
    assert pause(limited, back_off=0.25, left=7) == 7
    assert pause(limited, back_off=100, left=60) > 30
    assert pause(UnavailableError("It is down.", retry_after_seconds=30), back_off=0.25, left=60) < 1
