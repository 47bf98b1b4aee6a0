"""`python -m pipelines.evaluate`: takes one order as JSON on standard input and writes the report that it names.

What it does meanwhile it tells as events, one JSON object a line on standard output; `ragworks eval` shows them.
"""

import sys
from pathlib import Path

from pydantic import BaseModel

from pipelines.evaluate.failures import EvaluationError
from pipelines.evaluate.telling import tell
from services.shared.contracts.answer_evaluation import AnswersOrder
from services.shared.contracts.evaluation import (
    ORDER,
    AnyOrder,
    ComparisonOrder,
    PlotOrder,
    Refusal,
    ReportWritten,
    RetrievalOrder,
    TrialOrder,
)
from services.shared.contracts.frontier import FrontierOrder, FrontierPlotOrder


def main() -> int:
    """Carry out the order; 0 when there is a report."""
    order = ORDER.validate_json(sys.stdin.buffer.read())
    try:
        _carry_out(order)
    except EvaluationError as error:
        tell(Refusal(reason=error.reason, message=error.message, hint=error.hint))
        return 1
    except KeyboardInterrupt:
        return 130
    tell(ReportWritten())
    return 0


def _carry_out(order: AnyOrder) -> None:
    try:
        if isinstance(order, PlotOrder):
            from pipelines.evaluate.plotting import plot

            plot(order)
        elif isinstance(order, FrontierPlotOrder):
            from pipelines.evaluate.inference.run import plot as plot_frontier

            plot_frontier(order)
        else:
            _write(Path(order.report), _report(order))
    except ModuleNotFoundError as error:
        from pipelines.evaluate.failures import NotInstalledError

        raise NotInstalledError(
            f"Evaluation needs {error.name}, which is not installed.",
            hint="Install it: pip install 'ragworks[evaluate]'.",
        ) from error


def _report(order: RetrievalOrder | AnswersOrder | ComparisonOrder | TrialOrder | FrontierOrder) -> BaseModel:
    if isinstance(order, RetrievalOrder):
        from pipelines.evaluate.retrieval import evaluate_retrieval

        return evaluate_retrieval(order)
    if isinstance(order, AnswersOrder):
        from pipelines.evaluate.answers.run import evaluate_answers

        return evaluate_answers(order)
    if isinstance(order, FrontierOrder):
        from pipelines.evaluate.inference.run import measure

        return measure(order)
    if isinstance(order, TrialOrder):
        from pipelines.evaluate.trial import evaluate_trial

        return evaluate_trial(order)
    from pipelines.evaluate.comparing import compare

    return compare(order)


def _write(path: Path, report: BaseModel) -> None:
    """The whole report or none: a reader never meets half of one."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_text(report.model_dump_json(indent=1), encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error.strerror or error}.") from error


if __name__ == "__main__":
    sys.exit(main())
