"""`ragworks collections versions`, `rebuild`, `switch`, `rollback` and `drop`: their options."""

from typing import Annotated

import typer

from services.frontend.cli.chunks_app import Chunker, MaxTokens, OverlapTokens, ParentTokens, Parser
from services.frontend.cli.command_group import epilog
from services.frontend.cli.options import Json, NameOfCollection, Url

Number = Annotated[int, typer.Argument(min=1, help="Number of the version, as 'ragworks collections versions' lists.")]


def add_versions(app: typer.Typer) -> None:
    """Add the commands about versions to those about collections."""
    app.command("versions", epilog=epilog("[bold]Examples[/]", "ragworks collections versions papers"))(versions)
    app.command(
        "rebuild",
        epilog=epilog(
            "[bold]Examples[/]",
            "ragworks collections rebuild papers --chunker sentence --max-tokens 128",
            "ragworks collections rebuild papers --model intfloat/multilingual-e5-small --no-switch",
            "ragworks collections rebuild papers",
            "The last one parses, cuts and embeds everything anew. Searches go on in the version that is active.",
        ),
    )(rebuild)
    app.command("switch", epilog=epilog("[bold]Examples[/]", "ragworks collections switch papers 2"))(switch)
    app.command("rollback", epilog=epilog("[bold]Examples[/]", "ragworks collections rollback papers"))(rollback)
    app.command("drop-version", epilog=epilog("[bold]Examples[/]", "ragworks collections drop-version papers 1 --yes"))(
        drop
    )


def versions(name: NameOfCollection, url: Url = None, as_json: Json = False) -> None:
    """List the versions of a collection: which is searched, how complete the others are."""
    from services.frontend.cli.commands import versions as command

    command.show_all(name, url=url, as_json=as_json)


def rebuild(
    name: NameOfCollection,
    model: Annotated[str | None, typer.Option("--model", help="Embedding model; left out: the same.")] = None,
    *,
    chunker: Chunker = None,
    max_tokens: MaxTokens = None,
    overlap_tokens: OverlapTokens = None,
    parent_tokens: ParentTokens = None,
    parser: Parser = None,
    no_switch: Annotated[bool, typer.Option("--no-switch", help="Build it only; switch to it later.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Build another version from the stored originals, and switch to it when it is complete."""
    from services.frontend.cli.commands import versions as command
    from services.frontend.cli.commands.chunking import chosen
    from services.frontend.cli.commands.pairs import parsers_of
    from services.shared.contracts.versions import CreateVersion

    chunking = chosen(chunker, max_tokens, overlap_tokens, parent_tokens)
    order = CreateVersion(embedding_model=model, chunking=chunking, parsers=parsers_of(parser), switch=not no_switch)
    command.rebuild(name, order, url=url, as_json=as_json)


def switch(
    name: NameOfCollection,
    number: Number,
    force: Annotated[bool, typer.Option("--force", help="Even though documents failed in it.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Make a version the one that is searched."""
    from services.frontend.cli.commands import versions as command

    command.switch(name, number, force=force, url=url, as_json=as_json)


def rollback(name: NameOfCollection, url: Url = None, as_json: Json = False) -> None:
    """Go back to the version that was searched before."""
    from services.frontend.cli.commands import versions as command

    command.rollback(name, url=url, as_json=as_json)


def drop(
    name: NameOfCollection,
    number: Number,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = None,
) -> None:
    """Delete a version that is not searched."""
    from services.frontend.cli.commands import versions as command

    command.drop(name, number, yes=yes, url=url)
