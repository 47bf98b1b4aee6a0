"""Waiting, in an event loop, for what another process does."""

import asyncio
from collections.abc import Awaitable, Callable


async def eventually(condition: Callable[[], Awaitable[bool]], *, what: str, deadline_s: float = 30) -> None:
    """Return when the condition holds; fail with `what` was awaited when it does not in time."""
    try:
        async with asyncio.timeout(deadline_s):
            while not await condition():  # noqa: ASYNC110 - another process tells no event
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise AssertionError(f"Waited {deadline_s:g} s for {what}.") from error
