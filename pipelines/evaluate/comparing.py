"""Two reports beside each other: the same questions, two runs."""

from pathlib import Path

from pydantic import ValidationError

from pipelines.evaluate.failures import EvaluationError
from pipelines.evaluate.significance import difference
from services.shared.contracts.evaluation import (
    ComparedRun,
    ComparisonOrder,
    ComparisonReport,
    ConfigurationReport,
    RetrievalReport,
)


def compare(order: ComparisonOrder) -> ComparisonReport:
    """What the second run does better or worse than the first.

    Raises:
        EvaluationError: a file is no report, or they are of different data.
    """
    first, second = _read(order.first), _read(order.second)
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


def _read(path: str) -> RetrievalReport:
    try:
        return RetrievalReport.model_validate_json(Path(path).read_bytes())
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise EvaluationError(
            f"{path} is not a report of 'ragworks eval retrieval': {place}: {first['msg']}."
        ) from error


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
