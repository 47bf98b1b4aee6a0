"""The frontier as one HTML file that needs nothing else: the picture and the figures behind it."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from pathlib import Path

from pipelines.evaluate.failures import EvaluationError
from pipelines.evaluate.inference.drawing import picture
from services.shared.contracts.frontier import FrontierReport, OperatingPoint

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222}"
    "img{max-width:100%}table{border-collapse:collapse;margin:1rem 0}"
    "td,th{padding:.25rem .8rem;text-align:right;border-bottom:1px solid #ddd}tr.best{background:#fff4d0}"
)
_COLUMNS = (
    "at once", "tokens/s", "per user", "per {unit}", "requests/s", "TTFT p50", "TTFT p95", "ITL p50", "ITL p95",
    "front", "targets",
)  # fmt: skip


def write_page(reports: Sequence[FrontierReport], path: Path) -> None:
    """Write it.

    Raises:
        EvaluationError: it cannot be written.
    """
    image = b64encode(picture(reports, "png")).decode()
    tables = "".join(_table(report) for report in reports)
    title = f"Throughput frontier of {escape(reports[0].model)}"
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f'<h1>{title}</h1><img alt="tokens/s per user against tokens/s per {reports[0].unit}" '
        f'src="data:image/png;base64,{image}">{tables}</html>\n'
    )
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error.strerror or error}.") from error


def _table(report: FrontierReport) -> str:
    head = "".join(f"<th>{column.format(unit=report.unit)}</th>" for column in _COLUMNS)
    rows = "".join(_row(each, is_best=each.concurrency == report.best) for each in report.points)
    about = (
        f"{report.measured_at:%d %B %Y %H:%M} UTC, {report.hardware}, {report.input_tokens} tokens in, "
        f"{report.output_tokens} out; targets at p95: TTFT {report.slo_ttft_ms:g} ms, ITL {report.slo_itl_ms:g} ms; "
        f"AIPerf {report.aiperf}. Times in ms."
    )
    return f"<p>{escape(about)}</p><table><tr>{head}</tr>{rows}</table>"


def _row(point: OperatingPoint, *, is_best: bool) -> str:
    cells = (
        f"{point.concurrency}", f"{point.tokens_per_s:.1f}", f"{point.tokens_per_s_user:.1f}",
        f"{point.tokens_per_s_unit:.1f}", f"{point.requests_per_s:.2f}", f"{point.ttft_ms.p50:.0f}",
        f"{point.ttft_ms.p95:.0f}", f"{point.itl_ms.p50:.1f}", f"{point.itl_ms.p95:.1f}",
        "yes" if point.on_front else "", "met" if point.meets_slo else "missed",
    )  # fmt: skip
    return f"<tr{' class=best' if is_best else ''}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
