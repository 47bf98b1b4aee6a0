"""Options that several commands take."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Url = Annotated[
    str | None, typer.Option("--url", help="Address of the gateway; default: the platform on this machine.")
]
InCollection = Annotated[str, typer.Option("--collection", "-c", help="Name of the collection.")]
NameOfCollection = Annotated[str, typer.Argument(help="Name of the collection.")]
Attribute = Annotated[
    list[str] | None,
    typer.Option(help="An attribute of the documents, as team=sales; repeatable."),
]
