"""An evaluation of search, from the folder to the report."""

import platform
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from pipelines.evaluate.collection import collection_name, fill
from pipelines.evaluate.configurations import Configuration, configurations
from pipelines.evaluate.dataset import Dataset, load_dataset
from pipelines.evaluate.gateway import Gateway
from pipelines.evaluate.measuring import Scores, check_installed, measure
from pipelines.evaluate.searching import latency, rankings
from pipelines.evaluate.significance import difference, estimate
from pipelines.evaluate.telling import stage
from services.shared.contracts.evaluation import (
    ConfigurationReport,
    DatasetFacts,
    RetrievalOrder,
    RetrievalReport,
)

_DOCUMENTS_KEPT = 10


def evaluate_retrieval(order: RetrievalOrder) -> RetrievalReport:
    """Ingest what is missing, search, measure.

    Raises:
        EvaluationError: the data or a configuration cannot be used, or the platform fails.
    """
    libraries = check_installed()
    chosen = configurations(order.configurations)
    dataset = load_dataset(Path(order.dataset), split=order.split)
    started = time.monotonic()
    with Gateway(
        order.gateway_url,
        order.api_key,
        timeout_s=order.request_timeout_s,
        patience_s=order.patience_s,
    ) as gateway:
        collection = fill(gateway, dataset, order.collection or collection_name(dataset))
        filled = time.monotonic()
        reports: list[ConfigurationReport] = []
        for each in chosen:
            reports.append(_evaluated(gateway, dataset, collection.name, each, reports[0].scores if reports else None))
    return RetrievalReport(
        created_at=datetime.now(UTC),
        dataset=_facts(dataset),
        collection=collection,
        versions={"ragworks": metadata.version("ragworks"), **libraries, "python": platform.python_version()},
        seconds={"ingest": round(filled - started, 1), "search": round(time.monotonic() - filled, 1)},
        configurations=reports,
    )


def _evaluated(
    gateway: Gateway, dataset: Dataset, collection: str, configuration: Configuration, baseline: Scores | None
) -> ConfigurationReport:
    found = rankings(gateway, dataset, collection, configuration)
    timed = latency(gateway, dataset, collection, configuration)
    with stage(f"Measuring {configuration.name}", total=1) as measuring:
        scores = measure(found, dataset.relevance)
        report = ConfigurationReport(
            name=configuration.name,
            request=dict(configuration.request),
            metrics={metric: estimate(of) for metric, of in scores.items()},
            differences={metric: difference(of, baseline[metric]) for metric, of in scores.items()} if baseline else {},
            latency=timed,
            scores=scores,
            found=_first_of(found),
        )
        measuring.advance()
    return report


def _first_of(found: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {question: list(documents[:_DOCUMENTS_KEPT]) for question, documents in found.items()}


def _facts(dataset: Dataset) -> DatasetFacts:
    return DatasetFacts(
        name=dataset.name,
        split=dataset.split,
        digest=dataset.digest,
        documents=len(dataset.documents),
        empty_documents=sum(each.is_empty for each in dataset.documents.values()),
        queries=len(dataset.questions),
        judgements=dataset.judgements,
    )
