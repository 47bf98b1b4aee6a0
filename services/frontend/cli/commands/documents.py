"""`ragworks documents list`, `show` and `delete`."""

from collections.abc import Iterator
from itertools import islice

from services.frontend.cli.commands.confirm import confirmed
from services.frontend.cli.gateway import Gateway, open_gateway, segment
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import human_bytes, output, print_json, safe, table
from services.shared.contracts.corpus import Document
from services.shared.contracts.receipts import DeletedWithReceipt


def show_all(collection: str, *, limit: int, url: str | None, as_json: bool) -> None:
    """The newest documents of a collection."""
    found = islice(_gateway(url).items("/api/documents", {"collection": collection}), limit)
    documents = [Document.model_validate(item) for item in found]
    if as_json:
        print_json([document.model_dump(mode="json") for document in documents])
        return
    shown = table("document", "source", "chunks", "size", "ingested", right=("chunks", "size"))
    for each in documents:
        shown.add_row(
            each.id,
            safe(each.source),
            f"{each.chunks:,}",
            human_bytes(each.bytes),
            f"{each.ingested_at:%Y-%m-%d %H:%M}",
        )
    output().print(shown if documents else f"There are no documents in {safe(collection)} yet.")


def show(document_id: str, *, url: str | None, as_json: bool) -> None:
    """One document in full."""
    document = get(_gateway(url), document_id)
    if as_json:
        print_json(document.model_dump(mode="json"))
        return
    grid = table("", "")
    grid.show_header = False
    for name, value in _facts(document):
        grid.add_row(f"[dim]{name}[/]", value)
    output().print(grid)


def delete(document_id: str, *, yes: bool, url: str | None, as_json: bool) -> None:
    """Delete a document, after a question."""
    gateway = _gateway(url)
    document = get(gateway, document_id)
    confirmed(f"Delete [bold]{safe(document.source)}[/] from [bold]{safe(document.collection)}[/]?", yes=yes)
    answer = DeletedWithReceipt.model_validate_json(gateway.delete(path_of(document_id)))
    if as_json:
        print_json(answer.model_dump(mode="json"))
        return
    output().print(f"[ok]✓[/] [bold]{safe(document.source)}[/] is deleted from {safe(document.collection)}.")
    output().print(f"[dim]Receipt:[/] ragworks receipts verify {answer.receipt_id}")


def get(gateway: Gateway, document_id: str) -> Document:
    """The document."""
    return Document.model_validate_json(gateway.get(path_of(document_id)))


def path_of(document_id: str) -> str:
    """Where the API has the document."""
    return f"/api/documents/{segment(document_id)}"


def _facts(document: Document) -> Iterator[tuple[str, str]]:
    yield "document", f"[bold]{document.id}[/]"
    yield "collection", safe(document.collection)
    yield "source", safe(document.source)
    yield "title", safe(document.title)
    yield "type", safe(document.media_type)
    yield "size", human_bytes(document.bytes)
    yield "chunks", f"{document.chunks:,}"
    yield "version", document.version
    yield "file", document.file_id or ""
    yield "ingested", f"{document.ingested_at:%Y-%m-%d %H:%M:%S %Z}"
    yield "attributes", safe(", ".join(f"{name}: {value}" for name, value in document.attributes.items()))
    for warning in document.warnings:
        yield "not read", f"[warn]{safe(warning)}[/]"


def _gateway(url: str | None) -> Gateway:
    return open_gateway(running_settings(url=url))
