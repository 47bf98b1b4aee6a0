"""`ragworks requests` and `ragworks replay`: their options. Each imports its code when it runs: help is quick."""

from pathlib import Path
from typing import Annotated

import typer

from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.options import Json, Url
from services.shared.contracts.requests import Flag

RequestId = Annotated[str, typer.Argument(metavar="ID", help="The request's id, or its X-Request-ID.")]
Model = Annotated[str | None, typer.Option("--model", "-m", help="Only requests for this model, or served by it.")]
Flags = Annotated[list[Flag] | None, typer.Option("--flag", "-f", help="Only with this flag; repeatable: one of them.")]
Flagged = Annotated[bool | None, typer.Option("--flagged/--plain", help="Only with, or without, any flag.")]
Principal = Annotated[str | None, typer.Option(help="Only of this principal, as key:0123.")]
Error = Annotated[str | None, typer.Option(help="Only with this error code.")]
Since = Annotated[str | None, typer.Option(help="Asked at this time or later, as 2026-05-31 or 2026-05-31T14:00.")]
Until = Annotated[str | None, typer.Option(help="Asked before this time (UTC).")]

requests_app = typer.Typer(
    cls=CommandGroup,
    help="List, show, export and delete requests to models.",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks requests",
        "ragworks requests list --flag length --flag repetition",
        "ragworks requests show req_0123",
        "ragworks requests export --flagged --to edge-cases.jsonl",
    ),
)


@requests_app.callback(invoke_without_command=True)
def requests(context: typer.Context, url: Url = None, as_json: Json = False) -> None:
    """List, show, export and delete requests to models; with the operator's key."""
    if context.invoked_subcommand is None:
        list_requests(url=url, as_json=as_json)


@requests_app.command(
    "list",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks requests list -n 100 --flagged",
        "ragworks requests list -m llama --flag slow --since 2026-05-01 --json",
    ),
)
def list_requests(
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 20,
    model: Model = None,
    flag: Flags = None,
    flagged: Flagged = None,
    principal: Principal = None,
    error: Error = None,
    since: Since = None,
    until: Until = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """List the requests, the newest first."""
    from services.frontend.cli.commands import requests as command

    wanted = command.query(flag, flagged, model=model, principal=principal, error=error, since=since, until=until)
    command.show_all(wanted, limit=limit, url=url, as_json=as_json)


@requests_app.command("show", epilog=epilog("[bold]Examples[/]", "ragworks requests show req_0123 --json"))
def show_request(request_id: RequestId, url: Url = None, as_json: Json = False) -> None:
    """Show a request: who asked what of which replica, what came, and what it took."""
    from services.frontend.cli.commands import requests as command

    command.show(request_id, url=url, as_json=as_json)


@requests_app.command(
    "export",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks requests export > requests.jsonl",
        "ragworks requests export --flag empty_output --to empty.jsonl",
    ),
)
def export_requests(
    *,
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; default: standard output.")] = None,
    model: Model = None,
    flag: Flags = None,
    flagged: Flagged = None,
    principal: Principal = None,
    error: Error = None,
    since: Since = None,
    until: Until = None,
    url: Url = None,
) -> None:
    """Write requests in full as JSON Lines, the oldest first."""
    from services.frontend.cli.commands import requests as command

    wanted = command.query(flag, flagged, model=model, principal=principal, error=error, since=since, until=until)
    command.export(wanted, to=to, url=url)


@requests_app.command("delete", epilog=epilog("[bold]Examples[/]", "ragworks requests delete req_0123"))
def delete_request(request_id: RequestId, url: Url = None, as_json: Json = False) -> None:
    """Forget a request."""
    from services.frontend.cli.commands import requests as command

    command.delete(request_id, url=url, as_json=as_json)


def replay(
    *,
    to_model: Annotated[str | None, typer.Option(help="The model to ask; default: each request's own.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 20,
    parallel: Annotated[int, typer.Option(min=1, max=64, help="Requests in flight.")] = 1,
    model: Model = None,
    flag: Flags = None,
    flagged: Flagged = None,
    principal: Principal = None,
    error: Error = None,
    since: Since = None,
    until: Until = None,
    out: Annotated[
        Path | None, typer.Option("--json", help="Write what was asked and answered here; '-' for standard output.")
    ] = None,
    url: Url = None,
) -> None:
    """Ask logged requests again, of another model or the same, and compare."""
    from services.frontend.cli.commands import replay as command
    from services.frontend.cli.commands import requests as listing

    wanted = listing.query(flag, flagged, model=model, principal=principal, error=error, since=since, until=until)
    command.run(wanted, to_model=to_model, limit=limit, parallel=parallel, out=out, url=url)
