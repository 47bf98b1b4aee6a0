"""`ragworks documents text`, `chunks` and `history`: a document from the inside."""

import sys
from itertools import islice

from rich.console import Console

from services.frontend.cli.commands.documents import path_of
from services.frontend.cli.gateway import Gateway, open_gateway
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import human_bytes, output, plain, print_json, safe, table
from services.shared.contracts.corpus import DocumentStatus
from services.shared.contracts.documents import DocumentChunk, DocumentVersion

_STYLES = {DocumentStatus.DONE: "ok", DocumentStatus.FAILED: "bad"}


def text(document_id: str, *, url: str | None) -> None:
    """The text on stdout, as it comes; control characters are replaced on a terminal only."""
    clean = plain if sys.stdout.isatty() else str
    with _gateway(url).text(f"{path_of(document_id)}/text") as pieces:
        for piece in pieces:
            sys.stdout.write(clean(piece))
    if sys.stdout.isatty():
        print()


def chunks(document_id: str, *, limit: int, url: str | None, as_json: bool) -> None:
    """The chunks from the first on."""
    found = islice(_gateway(url).items(f"{path_of(document_id)}/chunks"), limit)
    shown = [DocumentChunk.model_validate(item) for item in found]
    if as_json:
        print_json([chunk.model_dump(mode="json") for chunk in shown])
        return
    for chunk in shown:
        _print_chunk(output(), chunk)


def history(document_id: str, *, url: str | None, as_json: bool) -> None:
    """What jobs did with it."""
    versions = [DocumentVersion.model_validate(item) for item in _gateway(url).items(f"{path_of(document_id)}/history")]
    if as_json:
        print_json([version.model_dump(mode="json") for version in versions])
        return
    shown = table("when", "job", "outcome", "size", "chunks", "version", "", right=("size", "chunks"))
    for each in versions:
        style = _STYLES.get(each.status, "dim")
        reason = f"{each.reason.stage}: {each.reason.message}" if each.reason else ""
        shown.add_row(
            f"{each.ended_at:%Y-%m-%d %H:%M:%S}" if each.ended_at else "",
            each.job_id,
            f"[{style}]{each.status.value}[/]",
            human_bytes(each.bytes),
            f"{each.chunks:,}" if each.chunks else "",
            (each.version or "")[:12],
            "[ok]searchable[/]" if each.searchable else safe(reason),
        )
    output().print(shown)


def _print_chunk(console: Console, chunk: DocumentChunk) -> None:
    page = f" · page {chunk.page}" if chunk.page is not None else ""
    console.print(f"[accent]{chunk.index}[/] [dim]characters {chunk.char_start:,}-{chunk.char_end:,}{page}[/]")
    if chunk.headings:
        console.print(f"  [dim]{safe(' › '.join(chunk.headings))}[/]")
    console.print(safe(chunk.text) + "\n")


def _gateway(url: str | None) -> Gateway:
    return open_gateway(running_settings(url=url))
