"""How fast a corpus is ingested, and what share of that is embedding."""

import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from infra.bench.command import Ragworks
from infra.bench.figures import Figure, Section
from infra.bench.texts import Texts
from services.frontend.cli.gateway import Gateway, GatewayError, segment
from services.shared.contracts.corpus import Job

_EMBEDDING_TARGET = 0.8
_EMBEDDING = "embed"


@dataclass(frozen=True)
class Ingested:
    """A corpus that is in, and what it took: the jobs as the platform counted them, the whole as the user waited."""

    jobs: list[Job]
    waited_s: float


def run(command: Ragworks, gateway: Gateway, texts: Texts, *, folder: Path, collection: str) -> Ingested:
    """Write the documents to a folder and ingest it as a user would, into a collection that is new."""
    delete(gateway, collection)
    for name, text in texts.documents.items():
        (folder / name).write_text(text, encoding="utf-8")
    started = time.perf_counter()
    report = command.ingest(folder, collection=collection)
    waited_s = time.perf_counter() - started
    jobs = [Job.model_validate(json.loads(gateway.get(f"/api/jobs/{segment(job)}"))) for job in report["jobs"]]
    return Ingested(jobs, waited_s)


def delete(gateway: Gateway, collection: str) -> None:
    """Delete the collection, if it is there."""
    try:
        gateway.delete(f"/api/collections/{segment(collection)}")
    except GatewayError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise


def measure(ingested: Ingested) -> Section:
    """Throughput of the jobs, and where their time went."""
    seconds = _span_s(ingested.jobs)
    documents, chunks = sum(job.done for job in ingested.jobs), sum(job.chunks for job in ingested.jobs)
    stages = _stages(ingested.jobs)
    embedding = stages.get(_EMBEDDING, 0.0)
    share = embedding / seconds
    return Section(
        "Ingest",
        [
            Figure("documents", "", value=documents),
            Figure("chunks", "", value=chunks),
            Figure("documents", "1/s", value=documents / seconds),
            Figure("chunks", "1/s", value=chunks / seconds),
            Figure("from the first job's creation to the last one's end", "s", value=seconds),
            Figure("whole command, reading and uploading included", "s", value=ingested.waited_s),
            *(Figure(f"time in {stage}", "s", value=spent) for stage, spent in stages.items()),
            Figure(
                "share of that time in which embedding was at work",
                "%",
                value=100 * share,
                target=f"≥ {100 * _EMBEDDING_TARGET:.0f} %",
                met=share >= _EMBEDDING_TARGET,
            ),
            Figure("share of embedding in the time of all stages", "%", value=100 * embedding / sum(stages.values())),
        ],
        ["Stages run at the same time and share the processor: their times add up to more than the ingest took."],
    )


def _span_s(jobs: list[Job]) -> float:
    """The jobs run one after the other, each created while an earlier one runs."""
    ended = [job.finished_at for job in jobs if job.finished_at]
    return (max(ended) - min(job.created_at for job in jobs)).total_seconds()


def _stages(jobs: list[Job]) -> dict[str, float]:
    names = dict.fromkeys(name for job in jobs for name in job.seconds_by_stage)
    return {name: sum(job.seconds_by_stage.get(name, 0.0) for job in jobs) for name in names}
