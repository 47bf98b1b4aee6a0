"""`ragworks documents`: its subcommands and options. Each imports its code when it runs: help is quick."""

from typing import Annotated

import typer

from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.options import InCollection, Json, Url

DocumentId = Annotated[str, typer.Argument(metavar="ID", help="The document's id, as 'ragworks documents' lists it.")]

documents_app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="List documents, look inside them, delete them.",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks documents list -c papers",
        "ragworks documents text 0123-4567 | less",
        "ragworks documents chunks 0123-4567",
        "ragworks documents history 0123-4567",
        "ragworks documents delete 0123-4567 --yes",
    ),
)


@documents_app.callback()
def documents() -> None:
    """List documents, look inside them, delete them."""


@documents_app.command(
    "list",
    epilog=epilog(
        "[bold]Examples[/]", "ragworks documents list -c papers", "ragworks documents list -c papers -n 1000 --json"
    ),
)
def list_documents(
    collection: InCollection = "docs",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 50,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """List the searchable documents of a collection."""
    from services.frontend.cli.commands import documents as command

    command.show_all(collection, limit=limit, url=url, as_json=as_json)


@documents_app.command("show", epilog=epilog("[bold]Examples[/]", "ragworks documents show 0123-4567"))
def show_document(document_id: DocumentId, url: Url = None, as_json: Json = False) -> None:
    """Show one document: source, type, size, chunks, attributes."""
    from services.frontend.cli.commands import documents as command

    command.show(document_id, url=url, as_json=as_json)


@documents_app.command(
    "text",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks documents text 0123-4567",
        "ragworks documents text 0123-4567 > report.txt",
        "It is the text that is searched; white space between chunks comes back as line ends.",
    ),
)
def document_text(document_id: DocumentId, url: Url = None) -> None:
    """Print the text of a document, as it is searched."""
    from services.frontend.cli.commands import documents_inside as command

    command.text(document_id, url=url)


@documents_app.command(
    "chunks",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks documents chunks 0123-4567",
        "ragworks documents chunks 0123-4567 --limit 1000 --json",
    ),
)
def document_chunks(
    document_id: DocumentId,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, from the first on.")] = 50,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Show the chunks of a document, with their pages, headings and places in the text."""
    from services.frontend.cli.commands import documents_inside as command

    command.chunks(document_id, limit=limit, url=url, as_json=as_json)


@documents_app.command("history", epilog=epilog("[bold]Examples[/]", "ragworks documents history 0123-4567"))
def document_history(document_id: DocumentId, url: Url = None, as_json: Json = False) -> None:
    """Show what became of each attempt to ingest a document, the newest first."""
    from services.frontend.cli.commands import documents_inside as command

    command.history(document_id, url=url, as_json=as_json)


@documents_app.command(
    "delete",
    epilog=epilog("[bold]Examples[/]", "ragworks documents delete 0123-4567", "ragworks documents delete 0123 --yes"),
)
def delete_document(
    document_id: DocumentId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Delete a document from its collection."""
    from services.frontend.cli.commands import documents as command

    command.delete(document_id, yes=yes, url=url, as_json=as_json)
