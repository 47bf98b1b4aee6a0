"""One batch of a job's documents through all stages at once: while some are embedded, the next are parsed.

Embedding is the slow stage; everything else is arranged so that it never waits.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence

from pipelines.ingest.buffer import ChunkBuffer
from pipelines.ingest.desk import Desk, LedgerDesk
from pipelines.ingest.draft import DocumentFailedError, Draft, JobPausedError
from pipelines.ingest.embed import Embedded, embed
from pipelines.ingest.index import INDEX_GONE, store
from pipelines.ingest.ledger import Ledger
from pipelines.ingest.meter import Meter
from pipelines.ingest.patience import Patience
from pipelines.ingest.prepare import prepare
from pipelines.ingest.tools import Tools
from services.shared.components.catalogue.work import PendingDocument, RunningJob
from services.shared.contracts.corpus import FailureReason
from services.shared.kit.errors import NotFoundError

_NOTED_EVERY_S = 0.5
"""How old the job's counts and times by stage get while it runs; documents are counted one by one."""

Vectors = asyncio.Queue[Embedded | None]


class Batch:
    """The documents of a batch at work; `run` returns when each of them is settled at the desk.

    When the job is paused, those that were begun by then are settled, and the others stay pending.
    """

    def __init__(self, tools: Tools, job: RunningJob, *, desk: Desk, patience: Patience) -> None:
        self._tools = tools
        self._job = job
        self._desk = desk
        self._patience = patience
        self._embedder = tools.models.embedder(job.collection.embedding_model)
        self._meter = Meter()
        self._paused = False
        self._noted = 0.0

    async def run(self, pending: Sequence[PendingDocument]) -> None:
        """Ingest the documents.

        Raises:
            ExceptionGroup: holds a ServiceGaveUpError when a service did not come back.
        """
        for documents in rounds(pending):
            if not self._paused:  # nor when it was resumed meanwhile: later entries build on those left out
                await self._run_round(documents)

    async def _run_round(self, documents: Sequence[PendingDocument]) -> None:
        self._desk.expect(documents)
        waiting = iter(documents)
        chunks = ChunkBuffer()
        vectors: Vectors = asyncio.Queue(maxsize=2)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._embed_all(chunks, vectors))
            group.create_task(self._index_all(vectors))
            async with asyncio.TaskGroup() as ahead:
                for _ in range(self._tools.parse_ahead):
                    ahead.create_task(self._prepare_all(waiting, chunks))
            await chunks.close()
        await self._note_work()

    async def _prepare_all(self, waiting: Iterator[PendingDocument], chunks: ChunkBuffer) -> None:
        for pending in waiting:
            if self._paused:
                return
            try:
                standing = await self._desk.begin(pending)
                if standing is not None:
                    await chunks.put(await prepare(self._tools, self._job, pending, standing, meter=self._meter))
            except JobPausedError:
                self._paused = True
                return
            except DocumentFailedError as failure:
                await self._desk.fail(pending, failure.reason)

    async def _embed_all(self, chunks: ChunkBuffer, vectors: Vectors) -> None:
        while taken := await chunks.take(self._tools.embed_batch):
            pieces = [piece for piece in taken if not piece.draft.given_up]
            with self._meter.time("embed"):
                embedded, failures = await embed(
                    pieces, embedder=self._embedder, index=self._tools.index, patience=self._patience
                )
            self._meter.count("embed", len(embedded))
            for draft, reason in failures:
                await self._give_up(draft, reason)
            await vectors.put(embedded)
        await vectors.put(None)

    async def _index_all(self, vectors: Vectors) -> None:
        while (embedded := await vectors.get()) is not None:
            wanted = [(piece, vector) for piece, vector in embedded if not piece.draft.given_up]
            if wanted:
                with self._meter.time("index"):
                    await self._index(wanted)
                if time.monotonic() > self._noted + _NOTED_EVERY_S:
                    await self._note_work()

    async def _index(self, embedded: Embedded) -> None:
        drafts = {id(piece.draft): piece.draft for piece, _ in embedded}.values()
        try:
            await self._make_way(drafts)
            await store(self._tools, embedded, patience=self._patience)
        except NotFoundError:
            for draft in drafts:
                await self._give_up(draft, INDEX_GONE)
            return
        self._meter.count("index", len(embedded))
        for piece, _ in embedded:
            piece.draft.unindexed -= 1
        await self._complete([draft for draft in drafts if not draft.unindexed])

    async def _make_way(self, drafts: Iterable[Draft]) -> None:
        for draft in drafts:
            await self._desk.make_way(draft.pending.document_id, shared=draft.shared)
            draft.shared = False

    async def _complete(self, drafts: Sequence[Draft]) -> None:
        try:
            failures = await self._desk.complete(drafts)
        except NotFoundError:
            failures = [(draft, INDEX_GONE) for draft in drafts]
        for draft, reason in failures:
            await self._give_up(draft, reason)

    async def _give_up(self, draft: Draft, reason: FailureReason) -> None:
        """Skip the document from here on; its points go when the batch is over, as some may be on their way."""
        if not draft.given_up:
            draft.given_up = True
            await self._desk.fail(draft.pending, reason)

    async def _note_work(self) -> None:
        self._noted = time.monotonic()
        await self._desk.add_work(self._meter.take())


class LocalBatches:
    """Batches at work in this very process, one in each step of a job."""

    at_once = 1

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def run(
        self, job: RunningJob, pending: Sequence[PendingDocument], *, ledger: Ledger, patience: Patience
    ) -> None:
        """Ingest documents of the job; raises as `Batch.run`."""
        desk = LedgerDesk(self._tools, job, ledger=ledger, patience=patience)
        await Batch(self._tools, job, desk=desk, patience=patience).run(pending)

    async def close(self) -> None:
        """Nothing is left open."""


def rounds(pending: Sequence[PendingDocument]) -> Iterator[list[PendingDocument]]:
    """The documents in order, so that each round has a document and a content once.

    A document's later entries build on the earlier, and the second of two equal ones refers to the first.
    """
    rest = list(pending)
    while rest:
        current, later = _distinct(rest)
        yield current
        rest = later


def _distinct(documents: Sequence[PendingDocument]) -> tuple[list[PendingDocument], list[PendingDocument]]:
    """Those of a document and a content that come first, and the others."""
    known: set[str] = set()
    first: list[PendingDocument] = []
    others: list[PendingDocument] = []
    for document in documents:
        keys = {document.document_id, document.content or document.file_id}
        (first if known.isdisjoint(keys) else others).append(document)
        known |= keys
    return first, others
