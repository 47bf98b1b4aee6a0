"""`ragworks collections`: its subcommands and options. Each imports its code when it runs."""

from typing import Annotated

import typer

from services.frontend.cli.archives_app import add_archives
from services.frontend.cli.chunks_app import Chunker, MaxTokens, OverlapTokens, ParentTokens, Parser
from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.options import Json, NameOfCollection, Url
from services.frontend.cli.versions_app import add_versions

collections_app = typer.Typer(
    cls=CommandGroup,
    help="List, create, show and delete collections.",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks collections",
        "ragworks collections create papers",
        "ragworks collections create letters --chunker sentence --max-tokens 128 --overlap-tokens 16",
        "ragworks collections create manuals --chunker parent-child --parent-tokens 512",
        "ragworks collections create mirrors --keep-copies --near-duplicates 0.8",
        "ragworks collections create minutes --field team:string:required --field held:date",
        "ragworks collections show papers --json",
        "ragworks collections delete papers --yes",
    ),
)
add_versions(collections_app)
add_archives(collections_app)


@collections_app.callback(invoke_without_command=True)
def collections(context: typer.Context, url: Url = None, as_json: Json = False) -> None:
    """List, create, show and delete collections."""
    if context.invoked_subcommand is None:
        list_collections(url=url, as_json=as_json)


@collections_app.command("list")
def list_collections(url: Url = None, as_json: Json = False) -> None:
    """List the collections."""
    from services.frontend.cli.commands import collections as command

    command.show_all(url=url, as_json=as_json)


@collections_app.command("create")
def create_collection(
    name: Annotated[str, typer.Argument(help="Its name: lower case, digits, '.', '_', '-'.")],
    *,
    chunker: Chunker = None,
    max_tokens: MaxTokens = None,
    overlap_tokens: OverlapTokens = None,
    parent_tokens: ParentTokens = None,
    parser: Parser = None,
    field: Annotated[
        list[str] | None,
        typer.Option(help="An attribute of its documents, as year:number or team:string:required; repeatable."),
    ] = None,
    near_duplicates: Annotated[
        float | None,
        typer.Option(
            min=0.5, max=1, help="Results that share this much of their words with a better one are left out."
        ),
    ] = None,
    keep_copies: Annotated[
        bool, typer.Option("--keep-copies", help="Store equal files once for each source, not once for all.")
    ] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Create an empty collection. How its documents are parsed and cut can be changed by a rebuild."""
    from services.frontend.cli.commands import collections as command
    from services.frontend.cli.commands.chunking import chosen
    from services.frontend.cli.commands.pairs import parsers_of, schema_of

    wanted = command.Wanted(
        name,
        chunking=chosen(chunker, max_tokens, overlap_tokens, parent_tokens),
        parsers=parsers_of(parser) or {},
        metadata_schema=schema_of(field),
        keep_copies=keep_copies,
        near=near_duplicates,
    )
    command.create(wanted, url=url, as_json=as_json)


@collections_app.command("show")
def show_collection(name: NameOfCollection, url: Url = None, as_json: Json = False) -> None:
    """Show one collection."""
    from services.frontend.cli.commands import collections as command

    command.show(name, url=url, as_json=as_json)


@collections_app.command(
    "duplicates",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks collections duplicates papers",
        "ragworks collections duplicates papers --threshold 0.95 --json",
    ),
)
def find_duplicates(
    name: NameOfCollection,
    threshold: Annotated[
        float, typer.Option(min=0.6, max=1, help="From which share of common word sequences documents are listed.")
    ] = 0.8,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many of each kind.")] = 50,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """List the documents that are equal to another one, and those that almost are."""
    from services.frontend.cli.commands import duplicates as command

    command.run(name, threshold=threshold, limit=limit, url=url, as_json=as_json)


@collections_app.command("delete")
def delete_collection(
    name: NameOfCollection,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = None,
) -> None:
    """Delete a collection and its documents."""
    from services.frontend.cli.commands import collections as command

    command.delete(name, yes=yes, url=url)
