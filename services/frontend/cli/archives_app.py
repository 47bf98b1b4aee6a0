"""`ragworks collections export`, `import` and `check-archive`: their options."""

from pathlib import Path
from typing import Annotated

import typer

from services.frontend.cli.command_group import epilog
from services.frontend.cli.options import Json, NameOfCollection, Url

Archive = Annotated[Path, typer.Argument(help="The archive, as 'ragworks collections export' writes it.")]


def add_archives(app: typer.Typer) -> None:
    """Add the commands about archives to those about collections."""
    app.command(
        "export",
        epilog=epilog(
            "[bold]Examples[/]",
            "ragworks collections export papers papers.tar",
            "ragworks collections export papers /backup/papers.tar --force --json",
            "Exit code 4: documents that were being replaced are left out; it lists them.",
        ),
    )(export)
    app.command(
        "import",
        epilog=epilog(
            "[bold]Examples[/]",
            "ragworks collections import papers.tar",
            "ragworks collections import papers.tar --name papers-copy",
            "ragworks collections import papers.tar --url https://edge.example.org",
            "ragworks collections import papers.tar --re-embed",
        ),
    )(import_)
    app.command(
        "check-archive",
        epilog=epilog("[bold]Examples[/]", "ragworks collections check-archive papers.tar", "It needs no platform."),
    )(check)


def export(
    name: NameOfCollection,
    file: Annotated[Path, typer.Argument(help="Where to write the archive.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Write a collection to a file: originals, chunks, vectors, settings."""
    from services.frontend.cli.commands import archives as command

    raise typer.Exit(command.export(name, file, force=force, url=url, as_json=as_json))


def import_(
    file: Archive,
    name: Annotated[str | None, typer.Option("--name", help="Another name than it was exported under.")] = None,
    re_embed: Annotated[
        bool, typer.Option("--re-embed", help="Embed the documents anew if their embedding model is not served.")
    ] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Make a collection of an archive: all of it, or nothing."""
    from services.frontend.cli.commands import archives as command

    command.import_(file, name=name, re_embed=re_embed, url=url, as_json=as_json)


def check(file: Archive, as_json: Json = False) -> None:
    """Check that an archive is complete and unchanged, without importing it."""
    from services.frontend.cli.commands import archives as command

    command.check(file, as_json=as_json)
