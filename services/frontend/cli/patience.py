"""Repeats a request while the platform restarts: nobody answers, or it says that a part is not up yet."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from services.frontend.cli.exits import NotUpError
from services.frontend.cli.gateway import GatewayError

Result = TypeVar("Result")

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0


def with_patience(
    request: Callable[[], Result],
    *,
    patience_s: float,
    stop: threading.Event,
    waiting: Callable[[str], None] | None = None,
) -> Result:
    """The request's result; `waiting` hears why there is none yet, and "" when there is again.

    Setting `stop` ends the waiting.

    Raises:
        CliError: its last error, when the platform did not come back in time; any other error at once.
    """
    deadline = time.monotonic() + patience_s
    pause_s = _FIRST_PAUSE_S
    waited = False
    while True:
        try:
            result = request()
        except (NotUpError, GatewayError) as error:
            comes_back = isinstance(error, NotUpError) or error.comes_back
            if not comes_back or time.monotonic() + pause_s > deadline:
                raise
            waited = True
            if waiting is not None:
                waiting(error.message)
            if stop.wait(pause_s):
                raise
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            continue
        if waited and waiting is not None:
            waiting("")
        return result
