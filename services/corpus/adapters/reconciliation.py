"""Compares the ledger with the index document by document, and puts right what differs."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.corpus.adapters.job_queue import JobQueue
from services.shared.components.catalogue import reconciling
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.reconciling import Recorded
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.contracts.corpus import Collection
from services.shared.contracts.reconciliation import Discrepancy, Problem, Reconciliation

_AT_ONCE = 500
_REMEDIES = {
    Problem.INCOMPLETE: "ingest it again from its original",
    Problem.HIDDEN: "show it",
    Problem.LEFTOVER: "remove the other version's chunks",
    Problem.UNKNOWN: "remove the chunks",
}


@dataclass(frozen=True)
class Stored:
    """What the index holds, in chunks by document: of the recorded version, of any, and hidden ones."""

    current: Mapping[str, int]
    all: Mapping[str, int]
    hidden: Mapping[str, int]


@dataclass(frozen=True)
class Reconciler:
    """Looks at collections at rest."""

    catalogue: Catalogue
    index: ChunkIndex
    queue: JobQueue

    async def reconcile(self, collection: Collection, *, repair: bool) -> Reconciliation:
        """Compare, and repair if asked; what a repair leaves to the ingest worker is done within seconds.

        Raises:
            ConflictError: a job is at work in the collection.
            PlatformError: the index or the ledger is away.
        """
        documents = await asyncio.to_thread(self._recorded, collection)
        found = list(compare(documents, await self._stored(collection.index, documents)))
        jobs = await self._repair(collection, documents, found) if repair and found else []
        return Reconciliation(
            collection=collection.name,
            documents=sum(document.version is not None for document in documents),
            chunks=sum(document.chunks for document in documents),
            discrepancies=found,
            repaired=repair,
            jobs=jobs,
        )

    def _recorded(self, collection: Collection) -> list[Recorded]:
        with self.catalogue.read() as connection:
            return reconciling.recorded(connection, collection)

    async def _stored(self, name: str, documents: Sequence[Recorded]) -> Stored:
        current: dict[str, int] = {}
        for start in range(0, len(documents), _AT_ONCE):
            some = documents[start : start + _AT_ONCE]
            versions = {document.id: document.version for document in some if document.version}
            current |= await self.index.count_documents(name, versions)
        everything = await self.index.count_by_document(name)
        return Stored(current, everything, await self.index.count_by_document(name, hidden=True))

    async def _repair(
        self, collection: Collection, documents: Sequence[Recorded], found: Sequence[Discrepancy]
    ) -> list[str]:
        jobs = await asyncio.to_thread(self._repair_ledger, collection, documents, found)
        for job in jobs:
            await asyncio.to_thread(self.queue.enqueue, job, collection_id=collection.id)
        unknown = [each.document_id for each in found if each.problem is Problem.UNKNOWN]
        for document in await asyncio.to_thread(self._still_unknown, unknown):
            await self.index.delete_document(collection.index, document)
        return jobs

    def _repair_ledger(
        self, collection: Collection, documents: Sequence[Recorded], found: Sequence[Discrepancy]
    ) -> list[str]:
        problems = {each.document_id: each.problem for each in found}
        with self.catalogue.write() as connection:
            current = {each.id: each for each in reconciling.recorded(connection, collection)}  # nothing started since
            unmoved = [each for each in documents if current.get(each.id) == each and each.id in problems]
            misplaced = [each.id for each in unmoved if problems[each.id] in {Problem.HIDDEN, Problem.LEFTOVER}]
            broken = [each for each in unmoved if problems[each.id] is Problem.INCOMPLETE]
            reconciling.mark_stale(connection, misplaced)
            return reconciling.ingest_again(connection, collection, broken) if broken else []

    def _still_unknown(self, ids: Sequence[str]) -> list[str]:
        with self.catalogue.read() as connection:
            known = reconciling.known(connection, ids)
        return [each for each in ids if each not in known]


def compare(documents: Sequence[Recorded], stored: Stored) -> Iterator[Discrepancy]:
    """What differs, at most one discrepancy for each document: the one to be repaired first."""
    for document in documents:
        current = stored.current.get(document.id, 0)
        found = stored.all.get(document.id, 0)
        if current != document.chunks:
            yield _discrepancy(document, Problem.INCOMPLETE, expected=document.chunks, found=current)
        elif found != current:
            yield _discrepancy(document, Problem.LEFTOVER, expected=current, found=found)
        elif stored.hidden.get(document.id, 0):
            yield _discrepancy(document, Problem.HIDDEN, expected=current, found=current - stored.hidden[document.id])
    for unknown in sorted(stored.all.keys() - {document.id for document in documents}):
        yield Discrepancy(
            document_id=unknown,
            source=None,
            problem=Problem.UNKNOWN,
            expected=0,
            found=stored.all[unknown],
            remedy=_REMEDIES[Problem.UNKNOWN],
        )


def _discrepancy(document: Recorded, problem: Problem, *, expected: int, found: int) -> Discrepancy:
    return Discrepancy(
        document_id=document.id,
        source=document.source,
        problem=problem,
        expected=expected,
        found=found,
        remedy=_REMEDIES[problem],
    )
