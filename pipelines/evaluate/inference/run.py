"""A sweep: one AIPerf run for each concurrency, then report, picture and page."""

from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from pipelines.evaluate.failures import EvaluationError
from pipelines.evaluate.inference import aiperf
from pipelines.evaluate.inference.drawing import draw
from pipelines.evaluate.inference.front import best_of, with_front
from pipelines.evaluate.inference.page import write_page
from pipelines.evaluate.telling import stage
from services.shared.contracts.frontier import FrontierOrder, FrontierPlotOrder, FrontierReport, OperatingPoint


def measure(order: FrontierOrder) -> FrontierReport:
    """The report; picture and page are written beside its file. Raises EvaluationError."""
    started, points, version = datetime.now(UTC), list[OperatingPoint](), ""
    with stage("concurrencies", total=len(order.concurrencies)) as shown:
        for number, concurrency in enumerate(order.concurrencies, start=1):
            point, version = aiperf.run(order, concurrency)
            points.append(point)
            shown.show(number, note=f"{concurrency}: {point.tokens_per_s:.1f} tokens/s")
    report = FrontierReport(
        measured_at=started,
        model=order.model,
        hardware=order.hardware,
        unit=order.unit,
        units=order.units,
        input_tokens=order.input_tokens,
        output_tokens=order.output_tokens,
        slo_ttft_ms=order.slo_ttft_ms,
        slo_itl_ms=order.slo_itl_ms,
        points=with_front(points),
        best=best_of(points),
        aiperf=version,
    )
    path = Path(order.report)
    draw([report], path.with_suffix(".png"))
    write_page([report], path.with_suffix(".html"))
    return report


def plot(order: FrontierPlotOrder) -> None:
    """Draw runs that were measured before; raises EvaluationError."""
    reports = [_read(Path(each)) for each in order.reports]
    target = Path(order.report)
    write_page(reports, target) if target.suffix == ".html" else draw(reports, target)


def _read(path: Path) -> FrontierReport:
    try:
        return FrontierReport.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise EvaluationError(f"{path} is no run of 'ragworks bench inference'.") from error
