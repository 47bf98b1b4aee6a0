"""`ragworks sources` and `ragworks sync`: subcommands and options. Each imports its code when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.options import Attribute, InCollection, Json, Url

Name = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's name or id.")]

sources_app = typer.Typer(
    cls=CommandGroup,
    help="Declare what collections are kept in step with: folders, sites, repositories, buckets, connectors, files.",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks sources add handbook -c handbook --folder ~/handbook --every 1h",
        "ragworks sources list",
        "ragworks sources show handbook",
        "ragworks sources remove handbook --delete-documents",
    ),
)
sync_app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="Bring a collection in step with a source.",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks sync plan handbook",
        "ragworks sync run handbook",
        "ragworks sync status handbook",
    ),
)


@sources_app.callback(invoke_without_command=True)
def sources(context: typer.Context, url: Url = None, as_json: Json = False) -> None:
    """Declare what collections are kept in step with."""
    if context.invoked_subcommand is None:
        list_sources(url=url, as_json=as_json)


@sources_app.command("list", epilog=epilog("[bold]Examples[/]", "ragworks sources list -c handbook --json"))
def list_sources(
    collection: Annotated[str | None, typer.Option("--collection", "-c", help="Only those of this collection.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """List the sources, the newest first."""
    from services.frontend.cli.commands import sources as command

    command.show_all(collection=collection, url=url, as_json=as_json)


@sources_app.command(
    "add",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks sources add handbook -c handbook --folder ~/handbook",
        "ragworks sources add site -c site --web https://example.org --max-pages 500 --every 6h",
        "ragworks sources add code -c code --git https://example.org/project.git --branch main --include '*.md'",
        "ragworks sources add papers -c papers --bucket s3://papers/2026 --cron '0 3 * * *'",
        "ragworks sources add orders -c orders --connector shop --full-every 1d",
        "ragworks sources add picked -c picked --file-id file-0123 --file-id file-4567",
        "Nothing is read before 'ragworks sync run'. A collection that does not exist is made.",
    ),
)
def add_source(
    name: Annotated[str, typer.Argument(help="Its name: lower case, digits, '.', '_', '-'.")],
    *,
    collection: InCollection = "docs",
    folder: Annotated[Path | None, typer.Option(help="A folder of the platform's machine.")] = None,
    web: Annotated[str | None, typer.Option(help="A web site, by its address.")] = None,
    git: Annotated[str | None, typer.Option(help="A Git repository, by URL or path.")] = None,
    bucket: Annotated[str | None, typer.Option(help="An S3-compatible bucket, or another URL of fsspec's.")] = None,
    connector: Annotated[str | None, typer.Option(help="A declared connector, by its name.")] = None,
    file_id: Annotated[list[str] | None, typer.Option(help="An uploaded file; repeatable.")] = None,
    branch: Annotated[str | None, typer.Option(help="Of --git; default: the repository's own.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Of --bucket: the store's address, if not Amazon's.")] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Of --bucket: without credentials.")] = False,
    max_pages: Annotated[int | None, typer.Option(min=1, help="Of --web: no more pages than these.")] = None,
    full_every: Annotated[
        str | None, typer.Option(help="Of --connector: read everything again: 6h, 1d.", show_default=False)
    ] = None,
    include: Annotated[list[str] | None, typer.Option(help="Only what matches this glob; repeatable.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Nothing that matches this glob; repeatable.")] = None,
    attribute: Attribute = None,
    every: Annotated[str | None, typer.Option(help="Sync by itself: 30m, 6h, 1d.")] = None,
    cron: Annotated[str | None, typer.Option(help="Sync by itself: five cron fields, in UTC.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Declare a source of a collection."""
    from services.frontend.cli.commands import sources as command
    from services.frontend.cli.commands.pairs import attributes_of

    given: dict[str, dict[str, object] | None] = {
        "folder": {"path": str(folder.expanduser().absolute())} if folder else None,
        "web": {"url": web, "max_pages": max_pages} if web else None,
        "git": {"url": git, "branch": branch} if git else None,
        "bucket": {"url": bucket, "endpoint_url": endpoint, "anonymous": anonymous} if bucket else None,
        "connector": command.connector_config(connector, full_every=full_every),
        "files": {"file_ids": file_id} if file_id else None,
    }
    rules = command.Rules(include or [], exclude or [], every, cron, attributes_of(attribute))
    command.add(name, given, collection=collection, rules=rules, url=url, as_json=as_json)


@sources_app.command("show", epilog=epilog("[bold]Examples[/]", "ragworks sources show handbook --json"))
def show_source(name: Name, url: Url = None, as_json: Json = False) -> None:
    """Show one source."""
    from services.frontend.cli.commands import sources as command

    command.show(name, url=url, as_json=as_json)


@sources_app.command("items", epilog=epilog("[bold]Examples[/]", "ragworks sources items handbook --failed"))
def list_items(
    name: Name,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that failed, with the reason.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """List what the last sync made of each item."""
    from services.frontend.cli.commands import sources as command

    command.show_items(name, failed=failed, url=url, as_json=as_json)


@sources_app.command(
    "remove",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks sources remove handbook --keep-documents",
        "ragworks sources remove handbook --delete-documents --yes",
    ),
)
def remove_source(
    name: Name,
    delete_documents: Annotated[
        bool, typer.Option("--delete-documents/--keep-documents", help="What becomes of the documents it brought.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Forget a source; its documents stay unless told otherwise."""
    from services.frontend.cli.commands import sources as command

    command.remove(name, delete_documents=delete_documents, yes=yes, url=url, as_json=as_json)


@sync_app.callback()
def sync() -> None:
    """Bring a collection in step with a source."""


@sync_app.command(
    "plan",
    epilog=epilog("[bold]Examples[/]", "ragworks sync plan handbook", "ragworks sync plan handbook --changes"),
)
def plan_sync(
    name: Name,
    changes: Annotated[bool, typer.Option("--changes", help="Name each item that would change.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Show what a sync would do and take; nothing is changed."""
    from services.frontend.cli.commands import sync as command

    raise typer.Exit(command.plan(name, changes=changes, url=url, as_json=as_json))


@sync_app.command(
    "run",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks sync run handbook",
        "ragworks sync run handbook --allow-deletes",
        "ragworks sync run orders --full",
        "Ctrl-C stops the watching, not the sync. Exit code 4: some items failed.",
    ),
)
def run_sync(
    name: Name,
    allow_deletes: Annotated[
        bool, typer.Option("--allow-deletes", help="Delete even most of what the source had.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Of a connector: read everything again.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait for the end.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Sync: fetch what changed, ingest it, delete what vanished."""
    from services.frontend.cli.commands import sync as command

    raise typer.Exit(
        command.run(name, allow_deletes=allow_deletes, full=full, wait=not no_wait, url=url, as_json=as_json)
    )


@sync_app.command("status", epilog=epilog("[bold]Examples[/]", "ragworks sync status handbook"))
def sync_status(name: Name, url: Url = None, as_json: Json = False) -> None:
    """Show the newest syncs of a source, and how far the one at work is."""
    from services.frontend.cli.commands import sync as command

    command.status(name, url=url, as_json=as_json)


@sync_app.command("cancel", epilog=epilog("[bold]Examples[/]", "ragworks sync cancel handbook"))
def cancel_sync(name: Name, url: Url = None, as_json: Json = False) -> None:
    """End the sync at work; what it did so far stays."""
    from services.frontend.cli.commands import sync as command

    command.cancel(name, url=url, as_json=as_json)
