"""`ragworks eval plot`: runs as a picture."""

from collections.abc import Sequence
from pathlib import Path

from services.frontend.cli.evaluation.evaluator import evaluate
from services.frontend.cli.evaluation.runs import KeptRuns
from services.frontend.cli.settings import CliSettings
from services.frontend.cli.terminal import notices, safe
from services.shared.contracts.evaluation import PlotOrder


def run(reports: Sequence[str], *, out: Path) -> None:
    """Draw, and say where."""
    runs = KeptRuns.of(CliSettings().home)
    files = tuple(str(runs.find(each).resolve()) for each in reports)
    evaluate(PlotOrder(reports=files, report=str(out.expanduser().resolve())))
    notices().print(f"[dim]Drawn:[/] {safe(str(out))}")
