"""When the command tries again, and when it gives up."""

import threading
from collections.abc import Callable, Iterator

import pytest

from services.frontend.cli.exits import CliError, NotUpError
from services.frontend.cli.gateway import GatewayError
from services.frontend.cli.patience import with_patience


def failing(*errors: CliError) -> Callable[[], str]:
    left: Iterator[CliError] = iter(errors)

    def request() -> str:
        error = next(left, None)
        if error is not None:
            raise error
        return "answer"

    return request


def test_a_platform_that_comes_back_is_waited_for() -> None:
    heard: list[str] = []
    request = failing(NotUpError("gone"), GatewayError(503, "starting", code=None))
    answer = with_patience(request, patience_s=60, stop=threading.Event(), waiting=heard.append)
    assert (answer, heard) == ("answer", ["gone", "starting", ""])


def test_an_error_that_stays_is_raised_at_once() -> None:
    request = failing(GatewayError(404, "no such collection", code="not_found"))
    with pytest.raises(GatewayError, match="no such collection"):
        with_patience(request, patience_s=60, stop=threading.Event())


def test_patience_ends() -> None:
    request = failing(NotUpError("gone"), NotUpError("gone"))
    with pytest.raises(NotUpError):
        with_patience(request, patience_s=0, stop=threading.Event())


def test_waiting_ends_when_it_is_told_to_stop() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(NotUpError):
        with_patience(failing(NotUpError("gone")), patience_s=3600, stop=stop)
