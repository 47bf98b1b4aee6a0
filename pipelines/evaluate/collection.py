"""The corpus in the platform: each of its documents a document of one collection, ingested by the platform's own jobs.

The collection is named after the corpus's content and left in place, so a second run finds everything there.
"""

import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote

from pipelines.evaluate.dataset import CorpusDocument, Dataset
from pipelines.evaluate.failures import PlatformRefusedError
from pipelines.evaluate.gateway import Gateway, NotThereError
from pipelines.evaluate.telling import Stage, stage
from services.shared.contracts.chunking import Chunking
from services.shared.contracts.corpus import (
    COLLECTION_NAME_CHARS,
    CountedCollection,
    Job,
    JobStatus,
    PlanResponse,
)
from services.shared.contracts.evaluation import CollectionFacts

_BATCH_DOCUMENTS = 500
_UPLOADS_AT_ONCE = 4
_SHORTEST_POLL_S, _LONGEST_POLL_S = 0.3, 2.0
_DIGITS = 12


@dataclass(frozen=True)
class _File:
    """A document as it is sent. Its source is its id, so that a passage tells which document it is of."""

    source: str
    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def collection_name(dataset: Dataset) -> str:
    """`eval-cranfield-0123456789ab`: the same for the same documents."""
    digest = dataset.corpus_digest[:_DIGITS]
    plain = re.sub(r"[^a-z0-9]+", "-", dataset.name.lower()).strip("-") or "corpus"
    return f"eval-{plain[: COLLECTION_NAME_CHARS - _DIGITS - 6].rstrip('-')}-{digest}"


def fill(gateway: Gateway, dataset: Dataset, name: str) -> CollectionFacts:
    """Let the collection hold the documents, and wait until they can be found.

    Raises:
        PlatformRefusedError: the platform refuses or fails.
    """
    _ensure(gateway, name)
    files = [_as_file(each) for each in dataset.documents.values() if not each.is_empty]
    needed = _needed(gateway, name, files)
    if needed:
        with stage("Uploading", total=len(needed)) as uploading:
            jobs = [
                _start_job(gateway, name, _upload(gateway, batch, uploading))
                for batch in _batches(needed, _BATCH_DOCUMENTS)
            ]
        _watch(gateway, jobs, total=len(needed))
    return _facts(gateway, name, sent=len(needed), expected=len(files))


def _as_file(document: CorpusDocument) -> _File:
    """A title is a heading, as it is in documents that people write."""
    if not document.title:
        return _File(document.id, "document.txt", document.text.encode())
    body = document.text.removeprefix(document.title).strip()  # some corpora begin the text with the title
    return _File(document.id, "document.md", f"# {document.title}\n\n{body}".strip().encode())


def _ensure(gateway: Gateway, name: str) -> None:
    """Equal documents stay documents of their own: each has its own judgements."""
    try:
        gateway.get(f"/api/collections/{quote(name, safe='')}")
    except NotThereError:
        gateway.post("/api/collections", {"name": name, "deduplication": {"exact": False}})


def _needed(gateway: Gateway, name: str, files: Sequence[_File]) -> list[_File]:
    by_source = {file.source: file for file in files}
    needed: list[_File] = []
    for batch in _batches(files, _BATCH_DOCUMENTS):
        held = [{"source": each.source, "sha256": each.sha256, "bytes": len(each.content)} for each in batch]
        answer = gateway.post("/api/ingest/plan", {"collection": name, "documents": held})
        plan = PlanResponse.model_validate_json(answer)
        needed += [by_source[source] for source in (*plan.added, *plan.changed)]
    return needed


def _upload(gateway: Gateway, batch: Sequence[_File], uploading: Stage) -> list[Mapping[str, str]]:
    def send(file: _File) -> Mapping[str, str]:
        uploaded = json.loads(gateway.upload(file.name, file.content))
        uploading.advance()
        return {"file_id": str(uploaded["id"]), "source": file.source}

    pool = ThreadPoolExecutor(_UPLOADS_AT_ONCE)
    try:
        return list(pool.map(send, batch))
    finally:
        pool.shutdown(cancel_futures=True)


def _start_job(gateway: Gateway, name: str, documents: Sequence[Mapping[str, str]]) -> str:
    answer = gateway.post("/api/jobs", {"collection": name, "documents": list(documents)})
    return Job.model_validate_json(answer).id


def _watch(gateway: Gateway, jobs: Sequence[str], *, total: int) -> None:
    """Jobs of a collection run one after the other."""
    before, pause_s = 0, _SHORTEST_POLL_S
    with stage("Ingesting", total=total) as ingesting:
        for job_id in jobs:
            while (job := _job(gateway, job_id)).finished_at is None:
                ingesting.show(before + _settled(job), note=job.error or "")
                time.sleep(pause_s)
                pause_s = min(pause_s * 1.1, _LONGEST_POLL_S)
            if job.status is not JobStatus.COMPLETED and not job.done:
                raise PlatformRefusedError(f"The ingest {job_id} is {job.status}: {job.error or 'no reason given'}.")
            before += _settled(job)
            ingesting.show(before)


def _job(gateway: Gateway, job_id: str) -> Job:
    return Job.model_validate_json(gateway.get(f"/api/jobs/{quote(job_id, safe='')}"))


def _settled(job: Job) -> int:
    return job.done + job.unchanged + job.failed


def _facts(gateway: Gateway, name: str, *, sent: int, expected: int) -> CollectionFacts:
    found = CountedCollection.model_validate_json(gateway.get(f"/api/collections/{quote(name, safe='')}"))
    if not found.documents:
        raise PlatformRefusedError(
            f"None of the {expected:,} documents could be ingested into '{name}'.",
            hint=f"See why with 'ragworks jobs' and 'ragworks collections show {name}'.",
        )
    return CollectionFacts(
        name=found.name,
        embedding_model=found.embedding_model,
        chunking=_chunking(found.chunking),
        documents=found.documents,
        chunks=found.chunks,
        failed=max(0, expected - found.documents),
        ingested=sent,
    )


def _chunking(chosen: Chunking | None) -> str:
    if chosen is None:
        return "default"
    return f"{chosen.chunker} {chosen.max_tokens}/{chosen.parent_tokens or chosen.overlap_tokens}"


def _batches(files: Sequence[_File], size: int) -> list[list[_File]]:
    remaining = iter(files)
    return list(iter(lambda: list(islice(remaining, size)), []))
