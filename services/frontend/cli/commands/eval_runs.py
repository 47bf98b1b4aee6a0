"""`ragworks eval runs`: what was measured so far."""

import json

from services.frontend.cli.evaluation.figures import score
from services.frontend.cli.evaluation.runs import KeptRun, KeptRuns
from services.frontend.cli.settings import CliSettings
from services.frontend.cli.terminal import notices, output, plural, print_json, safe, table
from services.shared.contracts.answer_evaluation import AnswersReport
from services.shared.contracts.evaluation import RetrievalReport


def run(*, as_json: bool, limit: int) -> None:
    """Print the newest runs."""
    kept = KeptRuns.of(CliSettings().home)
    runs = list(kept.all())
    rows = [row for each in runs[:limit] for row in _rows(each)]
    if as_json:
        print_json(rows)
        return
    if not rows:
        notices().print("No run was kept yet: 'ragworks eval retrieval' and 'ragworks eval answers' keep theirs.")
        return
    shown = table("run", "measured", "how", "main figure", "p50", right=("main figure", "p50"))
    for row in rows:
        figure = "–" if row["value"] is None else f"{row['metric']} {score(float(str(row['value'])))}"
        shown.add_row(
            f"[bold]{safe(str(row['run']))}[/]",
            plural(int(str(row["questions"])), "question"),
            safe(str(row["how"])),
            figure,
            f"{float(str(row['p50_ms'])):,.0f} ms",
        )
    output().print(shown)
    if len(runs) > limit:
        notices().print(f"[dim]{len(runs) - limit:,} older runs: --limit shows more.[/]")


def _rows(run: KeptRun) -> list[dict[str, object]]:
    content = run.path.read_bytes()
    if json.loads(content)["kind"] == "answers":
        return [_answers(run, AnswersReport.model_validate_json(content))]
    return _retrieval(run, RetrievalReport.model_validate_json(content))


def _answers(run: KeptRun, report: AnswersReport) -> dict[str, object]:
    how = report.system.value if report.form is None else f"{report.system.value}, {report.form.value}"
    return {
        "run": run.name,
        "kind": report.kind,
        "dataset": report.dataset,
        "questions": report.scores.questions,
        "how": f"{how}, {report.half.value}",
        "metric": "F1",
        "value": report.scores.f1,
        "p50_ms": report.scores.p50_ms,
        "file": str(run.path),
    }


def _retrieval(run: KeptRun, report: RetrievalReport) -> list[dict[str, object]]:
    return [
        {
            "run": run.name,
            "kind": report.kind,
            "dataset": report.dataset.name,
            "questions": report.dataset.queries,
            "how": each.name,
            "metric": "nDCG@10",
            "value": each.metrics["ndcg@10"].value,
            "p50_ms": each.latency.p50_ms,
            "file": str(run.path),
        }
        for each in report.configurations
    ]
