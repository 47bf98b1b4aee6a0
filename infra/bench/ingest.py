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
    seconds = sum((job.finished_at - job.created_at).total_seconds() for job in ingested.jobs if job.finished_at)
    documents, chunks = sum(job.done for job in ingested.jobs), sum(job.chunks for job in ingested.jobs)
    stages = _stages(ingested.jobs)
    in_stages = sum(stages.values())
    share = stages.get(_EMBEDDING, 0.0) / in_stages if in_stages else 0.0
    return Section(
        "Ingest",
        [
            Figure("documents", "", value=documents),
            Figure("chunks", "", value=chunks),
            Figure("documents", "1/s", value=documents / seconds),
            Figure("chunks", "1/s", value=chunks / seconds),
            Figure("job, from created to finished", "s", value=seconds),
            Figure("whole command, reading and uploading included", "s", value=ingested.waited_s),
            *(Figure(f"time in {stage}", "s", value=spent) for stage, spent in stages.items()),
            Figure(
                "share of embedding in the time of all stages",
                "%",
                value=100 * share,
                target=f"≥ {100 * _EMBEDDING_TARGET:.0f} %",
                met=share >= _EMBEDDING_TARGET,
            ),
        ],
    )


def _stages(jobs: list[Job]) -> dict[str, float]:
    names = dict.fromkeys(name for job in jobs for name in job.seconds_by_stage)
    return {name: sum(job.seconds_by_stage.get(name, 0.0) for job in jobs) for name in names}
