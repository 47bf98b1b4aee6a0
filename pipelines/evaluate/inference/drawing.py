"""The frontier as a picture: speed for each user against tokens for each core or GPU."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.evaluate.failures import EvaluationError
from services.shared.contracts.frontier import FrontierReport, OperatingPoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = ("#1f5fa8", "#c8552b")
_FEASIBLE = "#3f8f4f"
_DPI = 130
_MARGIN = 1.18
_FAR = 3
"""Targets so many times faster than the fastest point are not shown."""


def draw(reports: Sequence[FrontierReport], path: Path) -> None:
    """Write the picture in the format of its suffix.

    Raises:
        EvaluationError: it cannot be written.
    """
    try:
        path.write_bytes(picture(reports, path.suffix.removeprefix(".") or "png"))
    except (ValueError, OSError) as error:
        raise EvaluationError(f"{path} cannot be written: {error}.", hint="Name a .png, .svg or .html file.") from error


def picture(reports: Sequence[FrontierReport], kind: str) -> bytes:
    """The picture of one run, or of two beside each other."""
    import matplotlib as mpl

    mpl.use("agg")  # no window: works without a display
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.6, 5.4), layout="constrained")
    axes = figure.subplots()
    for number, report in enumerate(reports):
        _draw_run(axes, report, _COLOURS[number % len(_COLOURS)], name=_name(report, number, len(reports)))
    points = [point for report in reports for point in report.points]
    fastest = max(point.tokens_per_s_user for point in points)
    edge = 1000 / reports[0].slo_itl_ms
    axes.set_xlim(0, _MARGIN * max(fastest, edge if edge < _FAR * fastest else 0))
    axes.set_ylim(0, _MARGIN * max(point.tokens_per_s_unit for point in points))
    _shade(axes, reports[0])
    first = reports[0]
    axes.set_xlabel("tokens/s for each user (1 / median ITL)")
    axes.set_ylabel(f"output tokens/s for each {first.unit}")
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, frameon=False, fontsize=9, labelspacing=0.9)
    axes.set_title(f"{first.model}: {first.input_tokens} tokens in, {first.output_tokens} out", fontsize=12, loc="left")
    figure.suptitle(first.hardware, fontsize=9, color="#666666", x=0.99, ha="right")
    written = BytesIO()
    figure.savefig(written, dpi=_DPI, format=kind)
    return written.getvalue()


def _draw_run(axes: "Axes", report: FrontierReport, colour: str, *, name: str) -> None:
    front = sorted((each for each in report.points if each.on_front), key=lambda each: each.tokens_per_s_user)
    behind = [each for each in report.points if not each.on_front]
    axes.plot(*_places(front), "o-", color=colour, linewidth=2, markersize=7, label=f"{name}Pareto front", zorder=3)
    if behind:
        axes.plot(*_places(behind), "o", mfc="white", color=colour, alpha=0.7, label=f"{name}dominated", zorder=3)
    best = [each for each in report.points if each.concurrency == report.best]
    if best:
        axes.plot(
            *_places(best), "*", color="#d9a400", mec="#5b4500", markersize=19, zorder=4, label=f"{name}best point"
        )
    for each in report.points:
        place = (each.tokens_per_s_user, each.tokens_per_s_unit)
        axes.annotate(f"{each.concurrency}", place, (9, 7), textcoords="offset points", fontsize=9, color=colour)


def _shade(axes: "Axes", report: FrontierReport) -> None:
    """Where the tokens of a user come as fast as the target wants; TTFT decides beside it which points are feasible."""
    edge = 1000 / report.slo_itl_ms
    right = axes.get_xlim()[1]
    if edge < right:
        told = f"within the ITL target ({report.slo_itl_ms:g} ms)"
        axes.axvspan(edge, right, color=_FEASIBLE, alpha=0.09, linewidth=0, label=told, zorder=0)
        axes.axvline(edge, color=_FEASIBLE, linewidth=1, linestyle="--", zorder=1)
    late = [each for each in report.points if not each.meets_slo]
    if late:
        told = f"misses a target at p95 (TTFT {report.slo_ttft_ms:g} ms, ITL {report.slo_itl_ms:g} ms)"
        axes.plot(*_places(late), "x", color="#b3261e", markersize=11, markeredgewidth=1.8, zorder=5, label=told)


def _places(points: Sequence[OperatingPoint]) -> tuple[list[float], list[float]]:
    return [each.tokens_per_s_user for each in points], [each.tokens_per_s_unit for each in points]


def _name(report: FrontierReport, number: int, runs: int) -> str:
    return "" if runs == 1 else f"{'before' if number == 0 else 'after'} ({report.measured_at:%d %b %H:%M}): "
