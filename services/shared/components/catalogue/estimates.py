"""What past ingests tell about one that is to come."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from sqlalchemy import Connection, func, select

from services.shared.components.catalogue.schema import documents, job_documents, jobs, sync_items
from services.shared.components.catalogue.syncs import StagedStatus
from services.shared.contracts.corpus import DocumentStatus, JobStatus
from services.shared.contracts.sources import Change

Basis = Literal["this kind of file", "this collection", "this platform", "a guess"]

_RECENT_DOCUMENTS = 2_000
_RECENT_JOBS = 20
_ENOUGH_DOCUMENTS = 3
_GUESSED_CHUNKS_PER_BYTE = 1 / 1_000  # English text, chunks of 256 tokens


@dataclass(frozen=True)
class Density:
    """Chunks per byte as measured, by the ending of a document's name and over all."""

    by_suffix: Mapping[str, float] = field(default_factory=dict[str, float])
    overall: float = _GUESSED_CHUNKS_PER_BYTE
    basis: Basis = "a guess"

    def chunks(self, sizes: Mapping[str, int]) -> tuple[int, Basis]:
        """Chunks of so many bytes by ending, and what most of that estimate rests on."""
        known = sum(size for suffix, size in sizes.items() if suffix in self.by_suffix)
        chunks = sum(size * self.by_suffix.get(suffix, self.overall) for suffix, size in sizes.items())
        return round(chunks), "this kind of file" if known and 2 * known >= sum(sizes.values()) else self.basis


def density(connection: Connection, collection_id: str) -> Density:
    """From the newest documents of the collection, else of the platform."""
    places: tuple[tuple[Basis, str | None], ...] = (("this collection", collection_id), ("this platform", None))
    for basis, collection in places:
        query = select(documents.c.source, documents.c.bytes, documents.c.chunks).where(documents.c.bytes > 0)
        if collection is not None:
            query = query.where(documents.c.collection_id == collection)
        rows = connection.execute(query.order_by(documents.c.seq.desc()).limit(_RECENT_DOCUMENTS)).all()
        if len(rows) >= _ENOUGH_DOCUMENTS:
            return _measured([(row.source, row.bytes, row.chunks) for row in rows], basis)
    return Density()


def bytes_to_embed(connection: Connection, sync_id: str) -> dict[str, int]:
    """Bytes of what a sync adds and updates, by the ending of the file's name."""
    query = select(sync_items.c.filename, sync_items.c.size).where(
        sync_items.c.sync_id == sync_id,
        sync_items.c.status == StagedStatus.WAITING,
        sync_items.c.change.in_((Change.ADD, Change.UPDATE)),
    )
    sizes: defaultdict[str, int] = defaultdict(int)
    for row in connection.execute(query):
        sizes[_suffix(row.filename)] += row.size or 0
    return dict(sizes)


def chunks_per_second(connection: Connection) -> float | None:
    """How fast the newest jobs were, from their beginning to their end; None before there was one."""
    done = (
        select(job_documents.c.job_id, func.sum(job_documents.c.chunks).label("chunks"))
        .where(job_documents.c.status == DocumentStatus.DONE)
        .group_by(job_documents.c.job_id)
    )
    newest = (
        select(jobs.c.id, jobs.c.started_at, jobs.c.finished_at)
        .where(jobs.c.status == JobStatus.COMPLETED, jobs.c.embed_s > 0)
        .order_by(jobs.c.seq.desc())
        .limit(_RECENT_JOBS)
    )
    ended = {row.id: (row.finished_at - row.started_at).total_seconds() for row in connection.execute(newest)}
    rows = connection.execute(done.where(job_documents.c.job_id.in_(ended)))
    chunks = sum(int(row.chunks) for row in rows)
    seconds = sum(ended.values())
    return chunks / seconds if chunks and seconds else None


def _measured(rows: Iterable[tuple[str, int, int]], basis: Basis) -> Density:
    sizes: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for source, size, chunks in rows:
        sizes[_suffix(source)].append((size, chunks))
    by_suffix = {suffix: _ratio(some) for suffix, some in sizes.items() if len(some) >= _ENOUGH_DOCUMENTS}
    return Density(by_suffix, _ratio([each for some in sizes.values() for each in some]), basis)


def _ratio(measured: list[tuple[int, int]]) -> float:
    return sum(chunks for _, chunks in measured) / sum(size for size, _ in measured)


def _suffix(name: str) -> str:
    return PurePosixPath(name.rsplit("/", maxsplit=1)[-1]).suffix.lower()
