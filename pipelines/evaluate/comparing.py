"""Two reports beside each other: the same questions, two runs."""

from pipelines.evaluate.answers.comparing import compare_answers
from pipelines.evaluate.failures import EvaluationError
from pipelines.evaluate.reading import read_report
from pipelines.evaluate.significance import difference
from services.shared.contracts.answer_evaluation import AnswersReport
from services.shared.contracts.evaluation import (
    AnswersComparison,
    ComparedRun,
    ComparisonOrder,
    ComparisonReport,
    ConfigurationReport,
    RetrievalReport,
)


def compare(order: ComparisonOrder) -> ComparisonReport | AnswersComparison:
    """What the second run does better or worse than the first.

    Raises:
        EvaluationError: a file is no report, or they are of different data.
    """
    first, second = read_report(order.first), read_report(order.second)
    if isinstance(first, RetrievalReport) and isinstance(second, RetrievalReport):
        return _searches(order, first, second)
    if isinstance(first, AnswersReport) and isinstance(second, AnswersReport):
        return compare_answers(order, first, second)
    raise EvaluationError(
        f"One report is of searches, the other of answers: {order.first}, {order.second}.",
        hint="Compare two of a kind.",
    )


def _searches(order: ComparisonOrder, first: RetrievalReport, second: RetrievalReport) -> ComparisonReport:
    if first.dataset.digest != second.dataset.digest:
        raise EvaluationError(
            f"The reports are of different data: {_data(first)} in {order.first}, {_data(second)} in {order.second}.",
            hint="Only runs with the same documents, queries and judgements can be compared.",
        )
    one = _chosen(first, order.configuration, order.first)
    other = _chosen(second, order.configuration, order.second)
    return ComparisonReport(
        dataset=first.dataset,
        first=_side(order.first, first, one),
        second=_side(order.second, second, other),
        differences={metric: difference(scores, one.scores[metric]) for metric, scores in other.scores.items()},
        changed=_changed(first, second),
    )


def _chosen(report: RetrievalReport, name: str | None, path: str) -> ConfigurationReport:
    by_name = {each.name: each for each in report.configurations}
    if name is None:
        return report.configurations[0]
    if name not in by_name:
        raise EvaluationError(f"{path} has no configuration '{name}'; it has: {', '.join(by_name)}.")
    return by_name[name]


def _side(path: str, report: RetrievalReport, chosen: ConfigurationReport) -> ComparedRun:
    return ComparedRun(
        file=path,
        created_at=report.created_at,
        configuration=chosen.name,
        metrics=chosen.metrics,
        latency=chosen.latency,
    )


def _changed(first: RetrievalReport, second: RetrievalReport) -> list[str]:
    before = {**first.versions, "model": first.collection.embedding_model, "chunking": first.collection.chunking}
    after = {**second.versions, "model": second.collection.embedding_model, "chunking": second.collection.chunking}
    return [
        f"{name}: {before.get(name, 'none')} → {after.get(name, 'none')}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def _data(report: RetrievalReport) -> str:
    return f"{report.dataset.name} ({report.dataset.split}, {report.dataset.digest[:12]})"
