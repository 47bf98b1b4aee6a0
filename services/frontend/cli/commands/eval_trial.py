"""`ragworks eval trial`: which of two ways to search answers are better served by."""

from datetime import datetime
from pathlib import Path

from services.frontend.cli.evaluation.evaluator import evaluate, report_file
from services.frontend.cli.evaluation.figures import difference_row, difference_table
from services.frontend.cli.gateway import key_of
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import notices, output, plural, safe
from services.shared.contracts.evaluation import TrialOrder, TrialReport


def run(trial: str, *, collection: str | None, since: datetime | None, out: Path | None, url: str | None) -> None:
    """Weigh, and print or write."""
    settings = running_settings(url=url)
    with report_file(out) as path:
        evaluate(
            TrialOrder(
                gateway_url=settings.gateway_url,
                api_key=key_of(settings),
                trial=trial,
                collection=collection,
                since=since,
                report=str(path.resolve()),
                patience_s=settings.patience_s,
                request_timeout_s=settings.request_timeout_s,
            )
        )
        content = path.read_text(encoding="utf-8")
    if str(out) == "-":
        print(content)
    else:
        _print(TrialReport.model_validate_json(content))


def _print(report: TrialReport) -> None:
    console = output()
    if report.difference is None:
        notices().print(
            f"No answer of the trial '{safe(report.trial)}' was recorded. It needs RAGWORKS_RETRIEVAL_TRIAL, "
            "RAGWORKS_RETRIEVAL_TRIAL_MODE=interleave, and records that are kept."
        )
        return
    console.print(
        f"\n[bold]{safe(report.trial)}[/]  {plural(report.answers, 'answer')}, {report.abstained:,} without a finding\n"
    )
    shown = difference_table("cited passages per answer, tried less current")
    difference_row(shown, f"{report.cited['tried']:,} less {report.cited['current']:,}", report.difference)
    console.print(shown)
    for arm, counts in report.rated.items():
        thumbs = ", ".join(f"{count:,} {rating}" for rating, count in sorted(counts.items()))
        console.print(f"[dim]rated where more was cited of the {arm} side:[/] {thumbs}")
