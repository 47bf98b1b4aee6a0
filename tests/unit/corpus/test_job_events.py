"""A job as a stream of events."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from services.corpus.adapters.job_events import HEARTBEAT, job_events
from services.shared.contracts.corpus import Job, JobStatus
from services.shared.kit.errors import UnavailableError

NOW = datetime.now(UTC)


def job(done: int, *, eta_seconds: float | None = None, finished: bool = False) -> Job:
    return Job(
        id="job-1",
        collection="docs",
        status=JobStatus.COMPLETED if finished else JobStatus.RUNNING,
        created_at=NOW,
        finished_at=NOW if finished else None,
        total=2,
        done=done,
        eta_seconds=eta_seconds,
    )


def one_after_the_other(*states: Job | UnavailableError) -> Callable[[], Awaitable[Job]]:
    """The job as it stands at each look."""
    coming = iter(states)

    async def read() -> Job:
        state = next(coming)
        if isinstance(state, UnavailableError):
            raise state
        return state

    return read


async def stream(*states: Job | UnavailableError, heartbeat_s: float = 60) -> list[bytes]:
    return [event async for event in job_events(one_after_the_other(*states), poll_s=0, heartbeat_s=heartbeat_s)]


async def test_each_change_is_told_once_and_the_end_last() -> None:
    told = await stream(job(0), job(0), job(1), job(2, finished=True))

    assert [event.partition(b"\n")[0] for event in told] == [b"event: progress", b"event: progress", b"event: done"]
    assert [Job.model_validate_json(event.split(b"data: ")[1]).done for event in told] == [0, 1, 2]
    assert all(event.endswith(b"\n\n") for event in told)


async def test_a_job_that_has_ended_is_only_told_as_done() -> None:
    assert [event.partition(b"\n")[0] for event in await stream(job(2, finished=True))] == [b"event: done"]


async def test_another_guess_of_the_time_left_is_no_change() -> None:
    assert len(await stream(job(1, eta_seconds=9), job(1, eta_seconds=8), job(2, finished=True))) == 2


async def test_a_heartbeat_fills_the_silence() -> None:
    told = await stream(job(1), job(1), job(1), job(2, finished=True), heartbeat_s=0)

    assert told[1:3] == [HEARTBEAT, HEARTBEAT]
    assert HEARTBEAT.startswith(b":")


async def test_a_job_that_cannot_be_read_any_more_ends_the_stream_with_the_reason() -> None:
    told = await stream(job(1), UnavailableError("The database does not answer."))

    assert b'"The database does not answer."' in told[-1]
    assert not told[-1].startswith(b"event: done")
