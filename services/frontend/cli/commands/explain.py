"""`ragworks explain`: why a search returns a document, or why not."""

from rich.console import Console

from services.frontend.cli.gateway import open_gateway
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import output, place, print_json, safe, table
from services.shared.contracts.explain import Explanation, Outcome, Stage

_TEXT_CHARS = 160
_MARKS = {
    Outcome.KEPT: "[ok]kept[/]",
    Outcome.OUT: "[bad]out[/]",
    Outcome.MISSED: "[warn]missed[/]",
    Outcome.UNUSED: "[dim]unused[/]",
    Outcome.NOT_REACHED: "[dim]not reached[/]",
}


def run(collection: str, query: str, document: str, *, limit: int, url: str | None, as_json: bool) -> None:
    """Ask and print, stage by stage."""
    gateway = open_gateway(running_settings(url=url))
    request = {"collection": collection, "query": query, "document": document, "limit": limit}
    found = Explanation.model_validate_json(gateway.post("/api/explain", request))
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _print(output(), found)


def _print(console: Console, found: Explanation) -> None:
    console.print(f"{'[ok]✓[/]' if found.shown else '[bad]✗[/]'} {safe(found.verdict)}")
    console.print(f"  [dim]{safe(found.advice)}[/]\n")
    if found.chunk is not None:
        chunk = found.chunk
        text = " ".join(chunk.text.split())
        shown = text if len(text) <= _TEXT_CHARS else text[: _TEXT_CHARS - 1] + "…"
        console.print(f"{place(chunk.title, source=chunk.source, page=chunk.page)} [dim]chunk {chunk.index}[/]")
        console.print(f"  {safe(shown)}\n")
    numbers = ("place", "keeps", "score", "needed")
    stages = table("stage", "", *numbers, "", right=numbers)
    for stage in found.stages:
        if stage.outcome is not Outcome.NOT_REACHED or stage.score is not None:
            stages.add_row(*_cells(stage))
    console.print(stages)


def _cells(stage: Stage) -> list[str]:
    return [
        stage.name.value,
        _MARKS[stage.outcome],
        f"{stage.rank:,}" if stage.rank is not None else "",
        f"{stage.kept:,}" if stage.kept is not None else "",
        _score(stage.score),
        _score(stage.needed),
        f"[dim]{safe(stage.note)}[/]",
    ]


def _score(value: float | None) -> str:
    return f"{value:.3f}" if value is not None else ""
