"""`ragworks eval compare`: two runs over the same questions."""

from pathlib import Path

from rich.console import Console

from services.frontend.cli.evaluation.evaluator import evaluate, report_file
from services.frontend.cli.evaluation.figures import (
    METRIC_NAMES,
    SIGNIFICANT_P,
    difference_row,
    difference_table,
    score,
)
from services.frontend.cli.evaluation.minimums import known_metric
from services.frontend.cli.evaluation.runs import KeptRuns
from services.frontend.cli.exits import ExitCode
from services.frontend.cli.settings import CliSettings
from services.frontend.cli.terminal import notices, output, safe, table
from services.shared.contracts.evaluation import METRICS, ComparedRun, ComparisonOrder, ComparisonReport


def run(first: str, second: str, *, configuration: str | None, fail_on_loss: str | None, out: Path | None) -> ExitCode:
    """Compare, print or write; 1 when the second is worse by the metric that may not be."""
    watched = known_metric(fail_on_loss) if fail_on_loss else None
    runs = KeptRuns.of(CliSettings().home)
    with report_file(out) as path:
        order = ComparisonOrder(
            first=str(runs.find(first)),
            second=str(runs.find(second)),
            configuration=configuration,
            report=str(path.resolve()),
        )
        evaluate(order)
        content = path.read_text(encoding="utf-8")
    report = ComparisonReport.model_validate_json(content)
    if str(out) == "-":
        print(content)
    else:
        _print(report, output())
    return _held(report, watched)


def _print(report: ComparisonReport, console: Console) -> None:
    data = report.dataset
    console.print(f"\n[bold]{safe(data.name)}[/] [dim]({safe(data.split)})[/]  {data.queries:,} queries\n")
    shown = table(
        "run", "configuration", *METRIC_NAMES.values(), "p50", "p95", right=[*METRIC_NAMES.values(), "p50", "p95"]
    )
    for side in (report.first, report.second):
        shown.add_row(*_row(side))
    console.print(shown)
    console.print(f"\n[bold]{_name(report.second)} beside {_name(report.first)}[/]")
    differences = difference_table("metric")
    for metric in METRICS:
        difference_row(differences, METRIC_NAMES[metric], report.differences[metric])
    console.print(differences)
    for each in report.changed:
        console.print(f"[dim]changed:[/] {safe(each)}")


def _row(side: ComparedRun) -> list[str]:
    scores = [score(side.metrics[metric].value) for metric in METRICS]
    timed = side.latency
    return [_name(side), safe(side.configuration), *scores, f"{timed.p50_ms:.0f} ms", f"{timed.p95_ms:.0f} ms"]


def _name(side: ComparedRun) -> str:
    return safe(Path(side.file).name)


def _held(report: ComparisonReport, watched: str | None) -> ExitCode:
    if watched is None:
        return ExitCode.OK
    found = report.differences[watched]
    if found.value >= 0 or found.p >= SIGNIFICANT_P:
        return ExitCode.OK
    notices().print(f"[bad]✗[/] {watched} is worse by {-found.value:.4f} (p = {found.p:.4f}).")
    return ExitCode.FAILED
