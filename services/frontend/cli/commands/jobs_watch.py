"""`ragworks jobs watch`: follows a job to its end."""

import time

from services.frontend.cli.commands.ingest import exit_code_of, print_report
from services.frontend.cli.corpus.job_watch import JobWatch
from services.frontend.cli.corpus.report import IngestReport
from services.frontend.cli.corpus.stages import Stages
from services.frontend.cli.exits import ExitCode, InterruptedByUserError
from services.frontend.cli.gateway import open_gateway
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import notices, print_json


def run(job_id: str, *, url: str | None, as_json: bool) -> ExitCode:
    """Show the job until it has ended; the exit code says how it did."""
    started = time.monotonic()
    console, settings = notices(), running_settings(url=url)
    stages = Stages(console)
    watch = JobWatch(open_gateway(settings), job_id, patience_s=settings.patience_s, stages=stages)
    try:
        with stages.shown():
            job = watch.until_ended()
    except KeyboardInterrupt as error:
        raise InterruptedByUserError(
            "Stopped watching; the job goes on.",
            hint=f"Watch it with 'ragworks jobs watch {job_id}', or end it with 'ragworks jobs cancel {job_id}'.",
        ) from error
    report = IngestReport(job.collection, seconds=round(time.monotonic() - started, 2), jobs=[job.id])
    report.take(job)
    if as_json:
        print_json(job.model_dump(mode="json"))
    else:
        print_report(report, console)
    return exit_code_of(report)
