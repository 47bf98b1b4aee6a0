"""A job as a stream of server-sent events, for whoever watches it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

from services.shared.contracts.corpus import Job
from services.shared.kit.errors import PlatformError
from services.shared.kit.relay import error_event

_POLL_S = 0.5
_HEARTBEAT_S = 15.0  # well below what clients and proxies take for a dead connection

HEARTBEAT = b": still there\n\n"


async def job_events(
    read: Callable[[], Awaitable[Job]], *, poll_s: float = _POLL_S, heartbeat_s: float = _HEARTBEAT_S
) -> AsyncGenerator[bytes]:
    """`progress` with the job now and whenever it has changed, `done` with the job as it ended, and nothing more.

    A comment is the heartbeat while nothing changes. When the job cannot be read any more an error event is the last.
    """
    shown: Job | None = None
    spoken = time.monotonic()
    while True:
        try:
            job = await read()
        except PlatformError as error:
            yield error_event(error)
            return
        if job.finished_at is not None:
            yield _event("done", job)
            return
        if shown is None or _changed(job, shown):
            shown, spoken = job, time.monotonic()
            yield _event("progress", job)
        elif time.monotonic() - spoken >= heartbeat_s:
            spoken = time.monotonic()
            yield HEARTBEAT
        await asyncio.sleep(poll_s)


def _changed(job: Job, shown: Job) -> bool:
    """Whether more than the guess of the time left is another, which changes with the clock alone."""
    return job != shown.model_copy(update={"eta_seconds": job.eta_seconds})


def _event(name: str, job: Job) -> bytes:
    return f"event: {name}\ndata: {job.model_dump_json()}\n\n".encode()
