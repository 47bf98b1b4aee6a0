"""`ragworks search`: the passages of a collection that fit a query."""

from rich.console import Console

from services.frontend.cli.gateway import open_gateway
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import output, place, print_json, safe
from services.shared.contracts.search import Passage, SearchResponse

_SNIPPET_CHARS = 320


def run(query: str, *, collection: str, limit: int, url: str | None, as_json: bool) -> None:
    """Search and print, best first."""
    gateway = open_gateway(running_settings(url=url))
    request = {"collection": collection, "query": query, "limit": limit}
    found = SearchResponse.model_validate_json(gateway.post("/api/search", request))
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _print(output(), found)


def _print(console: Console, found: SearchResponse) -> None:
    for number, passage in enumerate(found.passages, start=1):
        _print_passage(console, number, passage)
    count, timings = len(found.passages), found.timings
    console.print(
        f"[dim]{count or 'no'} passage{'' if count == 1 else 's'} in {timings.total_ms:.0f} ms "
        f"(embedding {timings.embed_ms:.0f}, search {timings.query_ms:.0f})[/]"
    )


def _print_passage(console: Console, number: int, passage: Passage) -> None:
    chunk = passage.chunk
    where = place(chunk.title, source=chunk.source, page=chunk.page)
    console.print(f"[accent]{number:>2}[/]  [bold]{passage.scores.fused:.2f}[/]  {where}")
    if chunk.headings:
        console.print(f"          [dim]{safe(' › '.join(chunk.headings))}[/]")
    console.print(f"          {safe(snippet_of(passage))}\n")


def snippet_of(passage: Passage) -> str:
    """The beginning of the passage; of a larger one, of what of it was found."""
    chunk, found = passage.chunk, passage.found
    start = 0 if found is None else found.char_start - chunk.char_start
    text = " ".join(chunk.text[start:].split())
    shown = text if len(text) <= _SNIPPET_CHARS else text[: _SNIPPET_CHARS - 1] + "…"
    return f"… {shown}" if start else shown
