"""`ragworks jobs retry`, `cancel`, `pause` and `resume`: what an owner can tell a job."""

from services.frontend.cli.commands.jobs import get, path_of
from services.frontend.cli.gateway import Gateway, open_gateway
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import output, plural, print_json, safe
from services.shared.contracts.corpus import Job, JobStatus


def retry(job_id: str, *, url: str | None, as_json: bool) -> None:
    """Start a job over what failed."""
    gateway = open_gateway(running_settings(url=url))
    failed = get(gateway, job_id).failed
    job = _tell(gateway, job_id, "retry")
    left_out = failed - job.total
    _print(
        job,
        f"[ok]✓[/] The job [bold]{safe(job.id)}[/] retries {plural(job.total, 'document')}"
        + (f"; {left_out:,} cannot be retried: deleted, or taken over by another job" if left_out > 0 else "")
        + f". [dim]Watch it:[/] ragworks jobs watch {safe(job.id)}",
        as_json=as_json,
    )


def cancel(job_id: str, *, url: str | None, as_json: bool) -> None:
    """End the job early."""
    job = _tell(open_gateway(running_settings(url=url)), job_id, "cancel")
    said = {
        JobStatus.CANCELLED: "[ok]✓[/] The job is cancelled; what was ingested stays.",
        JobStatus.RUNNING: "[ok]✓[/] The job ends as soon as its worker sees this; what was ingested stays.",
    }
    _print(job, said.get(job.status, f"The job had ended before: it is {job.status.value}."), as_json=as_json)


def pause(job_id: str, *, url: str | None, as_json: bool) -> None:
    """Stop the job for a time."""
    job = _tell(open_gateway(running_settings(url=url)), job_id, "pause")
    done = "is paused" if job.status is JobStatus.PAUSED else "pauses when the documents in hand are finished"
    going_on = f"[dim]Go on:[/] ragworks jobs resume {safe(job.id)}"
    _print(job, f"[ok]✓[/] The job {done}. {going_on}", as_json=as_json)


def resume(job_id: str, *, url: str | None, as_json: bool) -> None:
    """Let the job go on."""
    job = _tell(open_gateway(running_settings(url=url)), job_id, "resume")
    watching = f"[dim]Watch it:[/] ragworks jobs watch {safe(job.id)}"
    _print(job, f"[ok]✓[/] The job goes on within seconds. {watching}", as_json=as_json)


def _tell(gateway: Gateway, job_id: str, what: str) -> Job:
    return Job.model_validate_json(gateway.post(f"{path_of(job_id)}/{what}", {}))


def _print(job: Job, said: str, *, as_json: bool) -> None:
    if as_json:
        print_json(job.model_dump(mode="json"))
    else:
        output().print(said)
