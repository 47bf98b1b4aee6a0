"""`ragworks eval retrieval`: how well the platform's search finds, on questions whose documents are known."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from services.frontend.cli.evaluation.evaluator import evaluate, report_file
from services.frontend.cli.evaluation.figures import difference_row, difference_table, metric_table, score
from services.frontend.cli.evaluation.minimums import Minimum, parse_minimum
from services.frontend.cli.evaluation.runs import KeptRuns
from services.frontend.cli.exits import ExitCode
from services.frontend.cli.gateway import key_of
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import human_seconds, notices, output, plural, safe
from services.shared.contracts.evaluation import ConfigurationReport, RetrievalOrder, RetrievalReport

_MAIN_METRIC = "ndcg@10"


def run(
    dataset: Path,
    *,
    configurations: Sequence[str],
    split: str | None,
    collection: str | None,
    minimum: Sequence[str],
    out: Path | None,
    url: str | None,
) -> ExitCode:
    """Evaluate, print or write, and hold the result against the minimums."""
    minimums = [parse_minimum(text) for text in minimum]
    settings = running_settings(url=url)
    with report_file(out) as path:
        order = RetrievalOrder(
            gateway_url=settings.gateway_url,
            api_key=key_of(settings),
            dataset=str(dataset.expanduser()),
            split=split,
            configurations=tuple(configurations),
            collection=collection,
            report=str(path.resolve()),
            patience_s=settings.patience_s,
            request_timeout_s=settings.request_timeout_s,
        )
        evaluate(order)
        content = path.read_text(encoding="utf-8")
    kept = KeptRuns.of(settings.home).keep(content)
    report = RetrievalReport.model_validate_json(content)
    if str(out) == "-":
        print(content)
    else:
        _print(report, output())
        notices().print(f"[dim]Kept as run[/] {safe(kept.name)}")
    return _held(report.configurations[0], minimums)


def _print(report: RetrievalReport, console: Console) -> None:
    data, found = report.dataset, report.collection
    console.print(
        f"\n[bold]{safe(data.name)}[/] [dim]({safe(data.split)})[/]  {plural(data.documents, 'document')} · "
        f"{plural(found.chunks, 'chunk')} · {data.queries:,} {'query' if data.queries == 1 else 'queries'} · "
        f"{safe(found.embedding_model)}"
    )
    console.print(f"[dim]collection {safe(found.name)}; {_took(report)}[/]\n")
    for said in _missing(report):
        console.print(f"[warn]![/] {said}")
    shown = metric_table()
    for each in report.configurations:
        interval = f"{score(each.metrics[_MAIN_METRIC].low)}–{score(each.metrics[_MAIN_METRIC].high)}"
        timed = each.latency
        shown.add_row(
            f"[bold]{safe(each.name)}[/]",
            f"[bold]{score(each.metrics[_MAIN_METRIC].value)}[/]",
            f"[dim]{interval}[/]",
            *(score(each.metrics[metric].value) for metric in each.metrics if metric != _MAIN_METRIC),
            f"{timed.p50_ms:.0f} ms",
            f"{timed.p95_ms:.0f} ms",
        )
    console.print(shown)
    _print_differences(report.configurations, console)


def _print_differences(configurations: Sequence[ConfigurationReport], console: Console) -> None:
    first, *others = configurations
    if not others:
        return
    console.print(f"\n[bold]nDCG@10 beside {safe(first.name)}[/]")
    shown = difference_table("configuration")
    for each in others:
        difference_row(shown, each.name, each.differences[_MAIN_METRIC])
    console.print(shown)


def _took(report: RetrievalReport) -> str:
    sent = report.collection.ingested
    ingest = (
        f"{plural(sent, 'document')} ingested in {human_seconds(report.seconds['ingest'])}" if sent else "all there"
    )
    return f"{ingest}; searched for {human_seconds(report.seconds['search'])}"


def _missing(report: RetrievalReport) -> list[str]:
    empty, failed = report.dataset.empty_documents, report.collection.failed
    said = [f"{plural(empty, 'document')} without any text cannot be found."] if empty else []
    if failed:
        name = safe(report.collection.name)
        said.append(f"{plural(failed, 'document')} could not be ingested; see 'ragworks jobs' about {name}.")
    return said


def _held(first: ConfigurationReport, minimums: Sequence[Minimum]) -> ExitCode:
    console, code = notices(), ExitCode.OK
    for minimum in minimums:
        reached = first.metrics[minimum.metric].value
        if reached < minimum.value:
            code = ExitCode.FAILED
            console.print(f"[bad]✗[/] {minimum.metric} of {safe(first.name)} is {reached:.4f}, below {minimum.value}.")
        else:
            console.print(
                f"[ok]✓[/] {minimum.metric} of {safe(first.name)} is {reached:.4f}, at least {minimum.value}."
            )
    return code
