"""`ragworks jobs`: its subcommands and options. Each imports its code when it runs: help is quick."""

from typing import Annotated

import typer

from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.options import Json, Url

JobId = Annotated[str, typer.Argument(metavar="ID", help="The job's id, as 'ragworks jobs' lists it.")]

jobs_app = typer.Typer(
    cls=CommandGroup,
    help="List, watch and steer ingest jobs.",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks jobs",
        "ragworks jobs list --collection papers --status failed",
        "ragworks jobs watch job-0123",
        "ragworks jobs failed job-0123",
        "ragworks jobs retry job-0123",
    ),
)


@jobs_app.callback(invoke_without_command=True)
def jobs(context: typer.Context, url: Url = None, as_json: Json = False) -> None:
    """List, watch and steer ingest jobs."""
    if context.invoked_subcommand is None:
        list_jobs(url=url, as_json=as_json)


@jobs_app.command(
    "list",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks jobs list",
        "ragworks jobs list -c papers --status running",
        "ragworks jobs list --limit 500 --json",
    ),
)
def list_jobs(
    collection: Annotated[str | None, typer.Option("--collection", "-c", help="Only jobs of this collection.")] = None,
    status: Annotated[
        str | None, typer.Option(help="Only queued, running, paused, completed, failed or cancelled ones.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 20,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """List the jobs, the newest first."""
    from services.frontend.cli.commands import jobs as command

    command.show_all(collection=collection, status=status, limit=limit, url=url, as_json=as_json)


@jobs_app.command("show", epilog=epilog("[bold]Examples[/]", "ragworks jobs show job-0123"))
def show_job(job_id: JobId, url: Url = None, as_json: Json = False) -> None:
    """Show one job: counts and rates of its stages, time left, error."""
    from services.frontend.cli.commands import jobs as command

    command.show(job_id, url=url, as_json=as_json)


@jobs_app.command(
    "watch",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks jobs watch job-0123",
        "ragworks jobs watch job-0123 --json",
        "Exit code 0: all is ingested, 4: some of it failed, 1: all of it.",
    ),
)
def watch_job(job_id: JobId, url: Url = None, as_json: Json = False) -> None:
    """Follow a job until it has ended. Ctrl-C stops the watching, not the job."""
    from services.frontend.cli.commands import jobs_watch as command

    raise typer.Exit(command.run(job_id, url=url, as_json=as_json))


@jobs_app.command(
    "failed",
    epilog=epilog("[bold]Examples[/]", "ragworks jobs failed job-0123", "ragworks jobs failed job-0123 --json"),
)
def failed_documents(job_id: JobId, url: Url = None, as_json: Json = False) -> None:
    """List the documents that a job could not ingest, each with its stage and reason."""
    from services.frontend.cli.commands import jobs as command

    command.show_failed(job_id, url=url, as_json=as_json)


@jobs_app.command("retry", epilog=epilog("[bold]Examples[/]", "ragworks jobs retry job-0123"))
def retry_job(job_id: JobId, url: Url = None, as_json: Json = False) -> None:
    """Ingest again, as a new job, what failed in a job that has ended."""
    from services.frontend.cli.commands import jobs_steer as command

    command.retry(job_id, url=url, as_json=as_json)


@jobs_app.command("cancel", epilog=epilog("[bold]Examples[/]", "ragworks jobs cancel job-0123"))
def cancel_job(job_id: JobId, url: Url = None, as_json: Json = False) -> None:
    """End a job early: what is ingested stays, the rest counts as failed."""
    from services.frontend.cli.commands import jobs_steer as command

    command.cancel(job_id, url=url, as_json=as_json)


@jobs_app.command(
    "pause",
    epilog=epilog(
        "[bold]Examples[/]", "ragworks jobs pause job-0123", "Later jobs of the same collection wait for it."
    ),
)
def pause_job(job_id: JobId, url: Url = None, as_json: Json = False) -> None:
    """Stop a job after the documents in hand, until it is resumed."""
    from services.frontend.cli.commands import jobs_steer as command

    command.pause(job_id, url=url, as_json=as_json)


@jobs_app.command("resume", epilog=epilog("[bold]Examples[/]", "ragworks jobs resume job-0123"))
def resume_job(job_id: JobId, url: Url = None, as_json: Json = False) -> None:
    """Let a paused job go on."""
    from services.frontend.cli.commands import jobs_steer as command

    command.resume(job_id, url=url, as_json=as_json)
