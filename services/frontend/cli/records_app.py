"""`ragworks records` and `ragworks feedback`: their options. Each imports its code when it runs: help is quick."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.options import Json, Url

RecordId = Annotated[str, typer.Argument(metavar="ID", help="The answer's id, as 'ragworks records' lists it.")]
Collection = Annotated[str | None, typer.Option("--collection", "-c", help="Only answers from this collection.")]
Conversation = Annotated[str | None, typer.Option(help="Only the turns of this conversation.")]
Abstained = Annotated[bool | None, typer.Option("--abstained/--answered", help="Only without, or with, an answer.")]
Unsupported = Annotated[
    bool | None, typer.Option("--unsupported/--supported", help="Only with, or without, unsupported claims.")
]
GivenFeedback = Annotated[Literal["any", "none", "up", "down"] | None, typer.Option(help="Only with this feedback.")]
Containing = Annotated[str | None, typer.Option("--text", "-t", help="Only with this text in question or answer.")]
Since = Annotated[str | None, typer.Option(help="Asked at this time or later, as 2026-05-31 or 2026-05-31T14:00.")]
Until = Annotated[str | None, typer.Option(help="Asked before this time (UTC).")]

records_app = typer.Typer(
    cls=CommandGroup,
    help="List, show, export and delete what is kept of answers.",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks records",
        "ragworks records list -c docs --unsupported",
        "ragworks records show chatcmpl-0123",
        "ragworks records export --feedback down --to bad.jsonl",
    ),
)


@records_app.callback(invoke_without_command=True)
def records(context: typer.Context, url: Url = None, as_json: Json = False) -> None:
    """List, show, export and delete what is kept of answers."""
    if context.invoked_subcommand is None:
        list_records(url=url, as_json=as_json)


@records_app.command(
    "list",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks records list -n 100",
        'ragworks records list -t "ferry" --since 2026-05-01',
        "ragworks records list --feedback down --json",
    ),
)
def list_records(
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 20,
    collection: Collection = None,
    conversation: Conversation = None,
    abstained: Abstained = None,
    unsupported: Unsupported = None,
    feedback: GivenFeedback = None,
    text: Containing = None,
    since: Since = None,
    until: Until = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """List the answers, the newest first."""
    from services.frontend.cli.commands import records as command

    wanted = command.query(collection, conversation, abstained, unsupported, feedback, text, since, until)
    command.show_all(wanted, limit=limit, url=url, as_json=as_json)


@records_app.command("show", epilog=epilog("[bold]Examples[/]", "ragworks records show chatcmpl-0123 --json"))
def show_record(record_id: RecordId, url: Url = None, as_json: Json = False) -> None:
    """Show an answer with its passages, claims and times; --json has the prompt, too."""
    from services.frontend.cli.commands import records as command

    command.show(record_id, url=url, as_json=as_json)


@records_app.command(
    "export",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks records export > records.jsonl",
        "ragworks records export -c docs --feedback any --to feedback.jsonl",
    ),
)
def export_records(
    *,
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; default: standard output.")] = None,
    collection: Collection = None,
    conversation: Conversation = None,
    abstained: Abstained = None,
    unsupported: Unsupported = None,
    feedback: GivenFeedback = None,
    text: Containing = None,
    since: Since = None,
    until: Until = None,
    url: Url = None,
) -> None:
    """Write the full records as JSON Lines, the oldest first."""
    from services.frontend.cli.commands import records as command

    wanted = command.query(collection, conversation, abstained, unsupported, feedback, text, since, until)
    command.export(wanted, to=to, url=url)


@records_app.command("delete", epilog=epilog("[bold]Examples[/]", "ragworks records delete chatcmpl-0123"))
def delete_record(record_id: RecordId, url: Url = None, as_json: Json = False) -> None:
    """Forget an answer, with the feedback on it."""
    from services.frontend.cli.commands import records as command

    command.delete(record_id, url=url, as_json=as_json)


def feedback(
    record_id: RecordId,
    up: Annotated[bool | None, typer.Option("--up/--down", help="Thumbs up, thumbs down.")] = None,
    comment: Annotated[str | None, typer.Option(help="What you want to say.")] = None,
    corrected: Annotated[str | None, typer.Option(help="The answer as it should have been.")] = None,
    wrong: Annotated[list[int] | None, typer.Option(help="Number of a citation that does not fit; repeatable.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Say what you think of an answer; said again, it replaces what you said before."""
    from services.frontend.cli.commands import feedback as command

    command.run(record_id, up=up, comment=comment, corrected=corrected, wrong=wrong, url=url, as_json=as_json)
