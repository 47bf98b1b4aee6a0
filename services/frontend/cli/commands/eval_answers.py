"""`ragworks eval answers`: how well questions are answered whose answers and passages are known."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from services.frontend.cli.evaluation.evaluator import evaluate, report_file
from services.frontend.cli.evaluation.runs import KeptRuns
from services.frontend.cli.gateway import key_of
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import notices, output, plural, safe, table
from services.shared.contracts.answer_evaluation import AnswerScores, AnswersOrder, AnswersReport, AnswerSystem, Half
from services.shared.contracts.answers import AnswerOptions

_ROWS = {
    "exact match": "exact",
    "F1": "f1",
    "F1 with abstention": "f1_with_abstention",
    "groundedness": "groundedness",
    "citation precision": "citation_precision",
    "citation recall": "citation_recall",
    "· of answered questions": "answered_citation_recall",
    "abstained, unanswerable": "abstained",
    "abstained, answerable": "false_abstained",
    "instructions followed": "followed",
}


def run(
    dataset: Path,
    *,
    split: str | None,
    half: Half,
    limit: int | None,
    seed: int,
    parallel: int,
    system: AnswerSystem,
    options: AnswerOptions,
    inject: Sequence[Path],
    collection: str | None,
    out: Path | None,
    url: str | None,
) -> None:
    """Ask, measure, and print or write."""
    settings = running_settings(url=url)
    with report_file(out) as path:
        evaluate(
            AnswersOrder(
                gateway_url=settings.gateway_url,
                api_key=key_of(settings),
                dataset=str(dataset.expanduser()),
                split=split,
                half=half,
                limit=limit,
                seed=seed,
                parallel=parallel,
                system=system,
                form=options.form,
                unsupported=options.unsupported_claims,
                inject=tuple(str(each.expanduser()) for each in inject),
                collection=collection,
                report=str(path.resolve()),
                patience_s=settings.patience_s,
                request_timeout_s=settings.request_timeout_s,
            )
        )
        content = path.read_text(encoding="utf-8")
    kept = KeptRuns.of(settings.home).keep(content)
    if str(out) == "-":
        print(content)
        return
    _print(AnswersReport.model_validate_json(content), output())
    notices().print(f"[dim]Kept as run[/] {safe(kept.name)}[dim], every answer included.[/]")


def _print(report: AnswersReport, console: Console) -> None:
    scores = report.scores
    asked = f"{plural(scores.questions, 'question')}, {scores.answerable:,} answerable"
    how = report.system.value if report.form is None else f"{report.system.value}, {report.form.value}"
    console.print(
        f"\n[bold]{safe(report.dataset)}[/] [dim]({report.half.value})[/]  {asked} · {safe(report.model)} · {how}\n"
    )
    shown = table("metric", "mean", right=("mean",))
    for name, field in _ROWS.items():
        if field != "followed" or report.injected:
            shown.add_row(name, _score(scores, field))
    shown.add_row("latency p50, p95", f"{scores.p50_ms:,.0f}, {scores.p95_ms:,.0f} ms")
    shown.add_row("tokens in, out", f"{scores.prompt_tokens:,.0f}, {scores.completion_tokens:,.0f}")
    console.print(shown)


def _score(scores: AnswerScores, field: str) -> str:
    value: float | None = getattr(scores, field)
    return "–" if value is None else f"{value:.3f}"
