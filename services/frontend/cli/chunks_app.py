"""`ragworks chunks`: its subcommand and options, and the options that say how documents are cut."""

from pathlib import Path
from typing import Annotated

import typer

from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.options import Json, Url

Chunker = Annotated[
    str | None, typer.Option("--chunker", help="structure, sentence, fixed, recursive or parent-child.")
]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", help="Largest chunk, in tokens of the embedding model.")]
OverlapTokens = Annotated[
    int | None, typer.Option("--overlap-tokens", help="Tokens that neighbouring chunks may share.")
]

ParentTokens = Annotated[
    int | None, typer.Option("--parent-tokens", help="Of parent-child: largest passage that chunks are read in.")
]
Parser = Annotated[
    list[str] | None,
    typer.Option("--parser", help="Another parser for a media type, as text/html=html-page; repeatable."),
]

chunks_app = typer.Typer(cls=CommandGroup, no_args_is_help=True, help="See how documents are cut into chunks.")


@chunks_app.callback()
def chunks() -> None:
    """See how documents are cut into chunks."""


@chunks_app.command(
    "preview",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks chunks preview report.pdf",
        "ragworks chunks preview report.pdf --collection papers",
        "ragworks chunks preview report.pdf --chunker sentence --max-tokens 128 --overlap-tokens 16",
        "ragworks chunks preview report.pdf --limit 500 --json",
        "Nothing is embedded, and the file is not kept.",
    ),
)
def preview_chunks(
    file: Annotated[Path, typer.Argument(help="The document.")],
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Cut as this collection does, not as the platform does.")
    ] = None,
    *,
    chunker: Chunker = None,
    max_tokens: MaxTokens = None,
    overlap_tokens: OverlapTokens = None,
    parent_tokens: ParentTokens = None,
    parser: Parser = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many chunks to show.")] = 50,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Show the chunks an ingest would make of a file."""
    from services.frontend.cli.commands import chunks as command
    from services.frontend.cli.commands.chunking import chosen
    from services.frontend.cli.commands.pairs import parsers_of

    request = command.Preview(
        collection, chosen(chunker, max_tokens, overlap_tokens, parent_tokens), parsers_of(parser), limit
    )
    command.preview(file, request, url=url, as_json=as_json)
