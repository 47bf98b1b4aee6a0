"""`ragworks eval compare`: two runs over the same questions."""

from pathlib import Path

from pydantic import TypeAdapter
from rich.console import Console

from services.frontend.cli.evaluation.evaluator import evaluate, report_file
from services.frontend.cli.evaluation.figures import (
    LESS_IS_BETTER,
    METRIC_NAMES,
    SIGNIFICANT_P,
    difference_row,
    difference_table,
    score,
)
from services.frontend.cli.evaluation.runs import KeptRuns
from services.frontend.cli.exits import CliError, ExitCode
from services.frontend.cli.settings import CliSettings
from services.frontend.cli.terminal import notices, output, plural, safe, table
from services.shared.contracts.evaluation import (
    METRICS,
    AnswersComparison,
    ComparedRun,
    ComparisonOrder,
    ComparisonReport,
)

_COMPARISON = TypeAdapter[ComparisonReport | AnswersComparison](ComparisonReport | AnswersComparison)


def run(first: str, second: str, *, configuration: str | None, fail_on_loss: str | None, out: Path | None) -> ExitCode:
    """Compare, print or write; 1 when the second is worse by the metric that may not be."""
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
    report = _COMPARISON.validate_json(content)
    if str(out) == "-":
        print(content)
    elif isinstance(report, ComparisonReport):
        _print_searches(report, output())
    else:
        _print_answers(report, output())
    return _held(report, fail_on_loss.lower() if fail_on_loss else None)


def _print_answers(report: AnswersComparison, console: Console) -> None:
    first, second = safe(Path(report.first).name), safe(Path(report.second).name)
    console.print(f"\n[bold]{safe(report.dataset)}[/]  {plural(report.questions, 'question')} asked in both runs")
    console.print(f"[bold]{second} beside {first}[/]\n")
    shown = difference_table("metric")
    for metric, found in report.differences.items():
        difference_row(shown, metric.replace("_", " "), found, less_is_better=metric in LESS_IS_BETTER)
    console.print(shown)
    for each in report.changed:
        console.print(f"[dim]changed:[/] {safe(each)}")


def _print_searches(report: ComparisonReport, console: Console) -> None:
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


def _held(report: ComparisonReport | AnswersComparison, watched: str | None) -> ExitCode:
    if watched is None:
        return ExitCode.OK
    if watched not in report.differences:
        raise CliError(
            f"There is no metric '{watched}' in both runs; there are: {', '.join(report.differences)}.",
            exit_code=ExitCode.USAGE,
        )
    found = report.differences[watched]
    gain = -found.value if watched in LESS_IS_BETTER else found.value
    if gain >= 0 or found.p >= SIGNIFICANT_P:
        return ExitCode.OK
    notices().print(f"[bad]✗[/] {watched} is worse by {-gain:.4f} (p = {found.p:.4f}).")
    return ExitCode.FAILED
