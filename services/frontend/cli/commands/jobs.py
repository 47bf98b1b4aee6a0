"""`ragworks jobs list`, `show` and `failed`: what became of ingest jobs, and what has not yet."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from services.frontend.cli.exits import CliError, ExitCode
from services.frontend.cli.gateway import Gateway, open_gateway, segment
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import human_seconds, output, plural, print_json, safe, table
from services.shared.contracts.corpus import DocumentProgress, DocumentStatus, Job, JobStatus

_STYLES = {
    JobStatus.RUNNING: "accent",
    JobStatus.PAUSED: "warn",
    JobStatus.COMPLETED: "ok",
    JobStatus.FAILED: "bad",
    JobStatus.CANCELLED: "warn",
}


def show_all(*, collection: str | None, status: str | None, limit: int, url: str | None, as_json: bool) -> None:
    """The newest jobs, one a line."""
    wanted = {"collection": collection, "status": _status(status)}
    query = {name: value for name, value in wanted.items() if value is not None}
    found = islice(_gateway(url).items("/api/jobs", query), limit)
    jobs = [Job.model_validate(item) for item in found]
    if as_json:
        print_json([job.model_dump(mode="json") for job in jobs])
        return
    shown = table("job", "collection", "status", "done", "failed", "age", right=("done", "failed", "age"))
    for job in jobs:
        shown.add_row(
            f"[bold]{safe(job.id)}[/]",
            safe(job.collection),
            _styled(job.status),
            f"{job.done + job.unchanged:,}/{job.total:,}",
            f"[bad]{job.failed:,}[/]" if job.failed else "",
            human_seconds((datetime.now(UTC) - job.created_at).total_seconds()),
        )
    output().print(shown if jobs else "There are no such jobs: 'ragworks ingest' makes one.")


def show(job_id: str, *, url: str | None, as_json: bool) -> None:
    """One job in full."""
    job = get(_gateway(url), job_id)
    if as_json:
        print_json(job.model_dump(mode="json"))
        return
    grid = table("", "")
    grid.show_header = False
    for name, value in _facts(job):
        grid.add_row(f"[dim]{name}[/]", value)
    output().print(grid)


def show_failed(job_id: str, *, url: str | None, as_json: bool) -> None:
    """Every document the job could not ingest."""
    items = _gateway(url).items(f"{path_of(job_id)}/documents", {"status": DocumentStatus.FAILED.value})
    documents = [DocumentProgress.model_validate(item) for item in items]
    if as_json:
        print_json([document.model_dump(mode="json") for document in documents])
        return
    if not documents:
        output().print(f"Nothing failed in {safe(job_id)}.")
        return
    shown = table("document", "stage", "reason", "")
    for document in documents:
        reason = document.reason
        if reason is not None:
            shown.add_row(safe(document.source), reason.stage, f"[warn]{safe(reason.code)}[/]", safe(reason.message))
    output().print(shown)
    output().print(
        f"\n{plural(len(documents), 'document')} failed. Once the job has ended and the reason is mended: "
        f"[bold]ragworks jobs retry {safe(job_id)}[/]"
    )


def get(gateway: Gateway, job_id: str) -> Job:
    """The job as it stands."""
    return Job.model_validate_json(gateway.get(path_of(job_id)))


def path_of(job_id: str) -> str:
    """Where the API has the job."""
    return f"/api/jobs/{segment(job_id)}"


def chunks_per_second(job: Job) -> float | None:
    """How fast the slowest stage is, which the others keep up with; None before anything was measured."""
    slowest_s = max(job.seconds_by_stage.values(), default=0.0)
    return job.chunks / slowest_s if job.chunks and slowest_s else None


def _facts(job: Job) -> Iterator[tuple[str, str]]:
    yield "job", f"[bold]{safe(job.id)}[/]"
    yield "collection", safe(job.collection)
    yield "status", _styled(job.status)
    yield "documents", f"{job.total:,}"
    yield "done", f"{job.done:,}"
    yield "unchanged", f"{job.unchanged:,}"
    yield "failed", f"[bad]{job.failed:,}[/]" if job.failed else "0"
    yield "pending", f"{job.total - job.done - job.unchanged - job.failed:,}"
    yield "chunks", f"{job.chunks:,}"
    for name, seconds in job.seconds_by_stage.items():
        yield name, _stage(name, job.counts_by_stage.get(name, 0), seconds)
    rate = chunks_per_second(job)
    if rate is not None:
        yield "rate", f"{rate:,.1f} chunks/s"
    if job.eta_seconds is not None:
        yield "time left", human_seconds(job.eta_seconds)
    yield "created", f"{job.created_at:%Y-%m-%d %H:%M:%S %Z}"
    if job.finished_at is not None:
        yield "ended", f"{job.finished_at:%Y-%m-%d %H:%M:%S %Z}"
    if job.error is not None:
        yield "error", safe(job.error)
    if job.failed:
        yield "failures", f"ragworks jobs failed {safe(job.id)}"


def _stage(name: str, count: int, seconds: float) -> str:
    done = plural(count, "document" if name == "parse" else "chunk")
    rate = f" [dim]({count / seconds:,.1f}/s)[/]" if count and seconds else ""
    return f"{done} in {seconds:,.1f} s{rate}"


def _gateway(url: str | None) -> Gateway:
    return open_gateway(running_settings(url=url))


def _status(wanted: str | None) -> str | None:
    known = [status.value for status in JobStatus]
    if wanted is not None and wanted not in known:
        hint = f"It is one of {', '.join(known)}."
        raise CliError(f"There is no status '{wanted}' of a job.", hint=hint, exit_code=ExitCode.USAGE)
    return wanted


def _styled(status: JobStatus) -> str:
    style = _STYLES.get(status)
    return f"[{style}]{status.value}[/]" if style else status.value
