"""`ragworks ingest`: files and folders into a collection."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from services.frontend.cli.corpus.ingestion import Ingestion
from services.frontend.cli.corpus.report import IngestReport
from services.frontend.cli.corpus.stages import Stages
from services.frontend.cli.corpus.walk import find_files
from services.frontend.cli.exits import CliError, ExitCode
from services.frontend.cli.gateway import open_gateway
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import human_seconds, notices, plural, print_json, safe, table

_SHOWN_FAILURES = 50


def run(
    paths: Sequence[Path],
    *,
    collection: str,
    attributes: Mapping[str, str | float | bool],
    include: Sequence[str],
    exclude: Sequence[str],
    relative_to: Path | None,
    job: str | None,
    url: str | None,
    as_json: bool,
) -> ExitCode:
    """Ingest the paths, or watch a job that was started before."""
    if bool(paths) == bool(job):
        raise CliError("Name the files or folders to ingest, or a job with --job.", exit_code=ExitCode.USAGE)
    console, settings = notices(), running_settings(url=url)
    gateway, stages = open_gateway(settings), Stages(console)
    ingestion = Ingestion(gateway, settings, collection=collection, attributes=attributes, stages=stages)
    found = find_files(paths, include=include, exclude=exclude, relative_to=relative_to)
    if paths and not found.files and not found.failures:
        raise CliError("There is nothing to ingest.", hint=_nothing_hint(found.hidden, found.excluded))
    with stages.shown():
        report = ingestion.resume(job) if job else ingestion.run(found)
    if as_json:
        print_json(report.as_dict())
    else:
        print_report(report, console)
    return exit_code_of(report)


def exit_code_of(report: IngestReport) -> ExitCode:
    """0 when everything is in the collection, 4 when some of it is not, 1 when nothing is."""
    if not report.failed and not report.errors:
        return ExitCode.OK
    return ExitCode.PARTLY if report.done or report.unchanged else ExitCode.FAILED


def print_report(report: IngestReport, console: Console) -> None:
    """What happened, and each failure with its reason."""
    parts = [
        f"{plural(report.done, 'document')} ingested" if report.done else "",
        f"{report.unchanged:,} unchanged" if report.unchanged else "",
        f"[bad]{report.failed:,} failed[/]" if report.failed else "",
        plural(report.chunks, "chunk") if report.chunks else "",
        f"{report.hidden:,} hidden skipped" if report.hidden else "",
        f"{report.excluded:,} excluded" if report.excluded else "",
    ]
    sign = "[bad]✗[/]" if exit_code_of(report) is not ExitCode.OK else "[ok]✓[/]"
    said = " · ".join(part for part in parts if part) or "nothing to do"
    console.print(f"{sign} {said} [dim]({human_seconds(report.seconds)})[/]")
    for error in report.errors:
        console.print(f"[bad]✗[/] {safe(error)}")
    if report.failures:
        _print_failures(report, console)


def _print_failures(report: IngestReport, console: Console) -> None:
    shown = table("document", "reason", "")
    for failure in report.failures[:_SHOWN_FAILURES]:
        shown.add_row(safe(failure.source), f"[warn]{safe(failure.code)}[/]", safe(failure.message))
    console.print(shown)
    more = report.failed - min(len(report.failures), _SHOWN_FAILURES)
    if more > 0:
        console.print(f"[dim]… and {more:,} more[/]")


def _nothing_hint(hidden: int, excluded: int) -> str:
    return f"{plural(hidden, 'hidden entry').replace('entrys', 'entries')} skipped, {excluded:,} excluded by globs."
