"""Pictures of runs: how well each way to search or answer does, and what it costs in time."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.evaluate.failures import EvaluationError
from pipelines.evaluate.reading import read_report
from services.shared.contracts.answer_evaluation import AnswersReport
from services.shared.contracts.evaluation import PlotOrder, RetrievalReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MAIN_METRIC = "ndcg@10"
_ANSWER_METRICS = {
    "F1": "f1",
    "exact match": "exact",
    "groundedness": "groundedness",
    "citation precision": "citation_precision",
    "citation recall": "citation_recall",
    "abstained, unanswerable": "abstained",
    "abstained, answerable": "false_abstained",
    "instructions followed": "followed",
}
_COLOURS = ("#1f5fa8", "#c8552b", "#3f8f4f", "#8a4fa3", "#b8912a", "#4a4a4a")
_ROW_INCHES, _DPI = 0.42, 144
_BESIDE = 0.12
"""How far dots of one row are apart, so that none hides another."""


def plot(order: PlotOrder) -> None:
    """Draw the reports into the file.

    Raises:
        EvaluationError: a file is no report, they are of different kinds, or the picture cannot be written.
    """
    import matplotlib as mpl

    mpl.use("agg")  # no window: works without a display
    retrieval, answers = _read(order.reports)
    if retrieval and answers:
        raise EvaluationError(
            "Reports of searches and of answers do not fit into one picture.", hint="Plot them one kind at a time."
        )
    figure = _searches(retrieval) if retrieval else _answers(answers)
    path = Path(order.report)
    try:
        figure.savefig(path, dpi=_DPI, bbox_inches="tight")
    except ValueError as error:
        raise EvaluationError(f"{path}: {error}", hint="Name a .png, .svg or .pdf file.") from error
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error.strerror or error}.") from error


def _searches(reports: Sequence[tuple[str, RetrievalReport]]) -> "Figure":
    """Left the ranking with its 95 % intervals, right the time of a search from its median to its 95th percentile."""
    from matplotlib.figure import Figure

    rows = [(_label(name, each.name, len(reports)), each) for name, report in reports for each in report.configurations]
    figure = Figure(figsize=(11, 1.6 + _ROW_INCHES * len(rows)), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    for row, (_, each) in enumerate(rows):
        found, colour = each.metrics[_MAIN_METRIC], _COLOURS[row % len(_COLOURS)]
        spread = [[found.value - found.low], [found.high - found.value]]
        left.errorbar([found.value], [row], xerr=spread, fmt="o", color=colour, capsize=3)
        left.annotate(f"{found.value:.3f}", (found.value, row), (0, 7), textcoords="offset points", ha="center", size=8)
        timed = each.latency
        right.plot([timed.p50_ms, timed.p95_ms], [row, row], "-", color=colour, alpha=0.4, linewidth=3)
        right.plot([timed.p50_ms], [row], "o", color=colour)
    _rows(left, [label for label, _ in rows], "nDCG@10, 95 % interval")
    _rows(right, [""] * len(rows), "one search, p50 to p95 (ms)")
    right.set_xlim(left=0)
    data = {
        f"{report.dataset.name} ({report.dataset.split}), {report.dataset.queries:,} questions" for _, report in reports
    }
    figure.suptitle(" · ".join(sorted(data)), fontsize=11)
    return figure


def _answers(reports: Sequence[tuple[str, AnswersReport]]) -> "Figure":
    """One line for each metric, one dot for each run."""
    from matplotlib.figure import Figure

    shown = [
        (label, field)
        for label, field in _ANSWER_METRICS.items()
        if any(getattr(report.scores, field) is not None for _, report in reports)
    ]
    figure = Figure(figsize=(9, 1.6 + _ROW_INCHES * len(shown)), layout="constrained")
    axes = figure.subplots()
    for number, (name, report) in enumerate(reports):
        beside = (number - (len(reports) - 1) / 2) * _BESIDE
        values = [(getattr(report.scores, field), row + beside) for row, (_, field) in enumerate(shown)]
        there = [(value, row) for value, row in values if value is not None]
        how = report.system.value if report.form is None else f"{report.system.value}, {report.form.value}"
        label = f"{_label(name, how, len(reports))} · p50 {report.scores.p50_ms / 1000:.1f} s"
        colour = _COLOURS[number % len(_COLOURS)]
        axes.plot([value for value, _ in there], [row for _, row in there], "o", color=colour, label=label, alpha=0.85)
    _rows(axes, [label for label, _ in shown], "mean over questions")
    axes.set_xlim(-0.02, 1.02)
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.18), frameon=False, fontsize=8)
    data = {f"{report.dataset} ({report.half.value}), {report.scores.questions:,} questions" for _, report in reports}
    figure.suptitle(" · ".join(sorted(data)), fontsize=11)
    return figure


def _rows(axes: "Axes", labels: Sequence[str], title: str) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)  # the first row on top
    axes.set_xlabel(title)
    _grid(axes)


def _grid(axes: "Axes") -> None:
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _label(run: str, how: str, runs: int) -> str:
    return how if runs == 1 else f"{how} · {run}"


def _read(paths: Sequence[str]) -> tuple[list[tuple[str, RetrievalReport]], list[tuple[str, AnswersReport]]]:
    retrieval: list[tuple[str, RetrievalReport]] = []
    answers: list[tuple[str, AnswersReport]] = []
    for path in paths:
        report = read_report(path)
        if isinstance(report, RetrievalReport):
            retrieval.append((Path(path).stem, report))
        else:
            answers.append((Path(path).stem, report))
    return retrieval, answers
