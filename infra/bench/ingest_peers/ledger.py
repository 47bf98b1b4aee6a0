"""What the ledger costs per document, with everything else taken out: the calls of an ingest, in their order."""

import asyncio
import hashlib
import time
from datetime import UTC, datetime
from pathlib import Path

from pipelines.ingest.ledger import Ledger
from pipelines.ingest.look_ahead import LookAhead
from pipelines.ingest.patience import impatient
from services.shared.components.catalogue import collections, files, jobs
from services.shared.components.catalogue.catalogue import Catalogue, open_catalogue
from services.shared.components.catalogue.work import IngestedDocument, PendingDocument, StageWork

_TOGETHER = 32
"""Documents that are committed at once: as many as one call of the embedder has, at two chunks each."""


def bookkeeping(folder: Path, *, documents: int) -> float:
    """Documents per CPU-second through a fresh SQLite ledger, from the job's first batch to its end."""
    catalogue = open_catalogue(f"sqlite:///{folder / 'ledger.sqlite'}")
    catalogue.create_schema()
    job_id = _job(catalogue, documents)
    started = time.process_time()
    asyncio.run(_run(Ledger(catalogue, impatient()), job_id))
    spent = time.process_time() - started
    catalogue.close()
    return documents / spent


def _job(catalogue: Catalogue, documents: int) -> str:
    with catalogue.write() as connection:
        collection = collections.create(connection, name="bench", embedding_model="none", dimensions=1, attributes={})
        entries: list[jobs.Entry] = []
        for number in range(documents):
            sha256 = hashlib.sha256(str(number).encode()).hexdigest()
            files.lock_blob(connection, sha256)
            file = files.create(connection, sha256=sha256, size=1, filename=f"{number}.md", purpose="assistants")
            entries.append(jobs.Entry(file, f"{number}.md", {}))
        return jobs.create(connection, collection, entries, access=["everyone"]).id


async def _run(ledger: Ledger, job_id: str) -> None:
    job = await ledger.begin(job_id)
    assert job is not None  # noqa: S101 - it was just made
    for number in range(-(-job.total // jobs.BATCH_DOCUMENTS)):
        pending = await ledger.pending(job_id, number, batches=1)
        ahead = LookAhead(ledger, job)
        ahead.expect(pending)
        for first in range(0, len(pending), _TOGETHER):
            await _settle(ledger, ahead, pending[first : first + _TOGETHER])
        await ledger.add_work(job.id, {"index": StageWork(0.001, len(pending))})
    await ledger.finish(job_id)


async def _settle(ledger: Ledger, ahead: LookAhead, group: list[PendingDocument]) -> None:
    for document in group:
        await ahead.look(document)
    await ledger.commit([(document, _ingested(document)) for document in group])


def _ingested(document: PendingDocument) -> IngestedDocument:
    return IngestedDocument(
        version=document.content or "",
        title=document.source,
        media_type="text/markdown",
        bytes=1,
        chunks=2,
        access=("everyone",),
        ingested_at=datetime.now(UTC),
        language="en",
        signature=bytes(512),
    )
