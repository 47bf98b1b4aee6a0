"""Twins in the ledger: collections that hold another version of a collection.

A twin is an ordinary collection but for its `version_of`: jobs, deletions, reconciliation and searches treat it as any
other. What makes it a version is that it is brought to the documents of its original again and again (`differences`),
and that `switch` lets the two change places in one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Text, case, cast, func, or_, select, update

from services.shared.components.catalogue import collections as collections_ledger
from services.shared.components.catalogue import jobs as jobs_ledger
from services.shared.components.catalogue.documents import DocumentKey
from services.shared.components.catalogue.schema import collections, documents, jobs
from services.shared.contracts.corpus import COLLECTION_NAME_CHARS, Collection, DocumentStatus
from services.shared.kit.errors import ConflictError
from services.shared.kit.paging import AnyRow

_SWAPPED = ("embedding_model", "dimensions", "chunking", "parsers", "version", "seed", "index_name")


@dataclass(frozen=True)
class Difference:
    """A document of the original that its twin lacks, or has in another state; `failed` when it cannot be helped."""

    source: str
    file_id: str
    access: tuple[str, ...]
    attributes: Mapping[str, str | float | bool]
    failed: bool


def of(connection: Connection, original: Collection) -> list[Collection]:
    """The collection's twins."""
    query = select(collections.c.id).where(collections.c.version_of == original.id, collections.c.deleting.is_(False))
    found = [collections_ledger.find(connection, twin) for twin in connection.execute(query).scalars()]
    return [twin for twin in found if twin is not None]


def originals(connection: Connection) -> list[Collection]:
    """The collections that have twins, or whose alias is behind."""
    twins = select(collections.c.version_of).where(collections.c.version_of.is_not(None))
    wanted = or_(collections.c.id.in_(twins), collections.c.alias_behind.is_(True))
    query = select(collections.c.id).where(wanted, collections.c.deleting.is_(False))
    found = [collections_ledger.find(connection, each) for each in connection.execute(query).scalars()]
    return [collection for collection in found if collection is not None]


def name_of_next(connection: Connection, original: Collection) -> tuple[str, int]:
    """Name and number of a new version: one more than there ever was, under a name that is free.

    Raises:
        ConflictError: the collection's name leaves no room for a number behind it.
    """
    numbers = select(func.max(func.coalesce(collections.c.version, 1))).where(
        or_(collections.c.id == original.id, collections.c.version_of == original.id)
    )
    number = int(connection.execute(numbers).scalar_one())
    while True:
        number += 1
        name = f"{original.name}.v{number}"
        if len(name) > COLLECTION_NAME_CHARS:
            raise ConflictError(f"The name '{original.name}' is too long to have versions.", code="name_too_long")
        if not _taken(connection, name):
            return name, number


def make_twin(connection: Connection, twin: Collection, original: Collection, *, number: int) -> None:
    """Make a new, empty collection a version of another."""
    change = update(collections).where(collections.c.id == twin.id)
    connection.execute(change.values(version_of=original.id, version=number))


def plan_switch(connection: Connection, original: Collection, twin: Collection | None) -> None:
    """Note which twin is to become the active version as soon as it is complete; None: none of them."""
    change = update(collections).where(collections.c.id == original.id)
    connection.execute(change.values(switch_to=None if twin is None else twin.id))


def plans(connection: Connection, original: Collection) -> tuple[str | None, str | None, bool]:
    """Ids of the twin to switch to and of the one that was active before, and whether the alias is behind."""
    query = select(collections.c.switch_to, collections.c.previous, collections.c.alias_behind)
    row = connection.execute(query.where(collections.c.id == original.id)).one()
    return row.switch_to, row.previous, bool(row.alias_behind)


def alias_follows(connection: Connection, original: Collection) -> None:
    """Note that the index's alias names the active version."""
    connection.execute(update(collections).where(collections.c.id == original.id).values(alias_behind=None))


def unfinished_job(connection: Connection, *ids: str) -> str | None:
    """The oldest job of these collections that has not ended."""
    query = select(jobs.c.id).where(jobs.c.collection_id.in_(ids), jobs.c.status.in_(jobs_ledger.UNFINISHED))
    return connection.execute(query.order_by(jobs.c.seq).limit(1)).scalar()


def differences(connection: Connection, original: Collection, twin: Collection) -> list[Difference]:
    """What the twin lacks of the original's searchable documents."""
    return [_to_difference(row) for row in connection.execute(_lacking(original, twin))]


def surplus(connection: Connection, original: Collection, twin: Collection) -> list[str]:
    """Ids of the twin's documents whose source is not searchable in the original any more."""
    kept = documents.alias()
    there = (kept.c.collection_id == original.id) & (kept.c.source == documents.c.source)
    there &= kept.c.version.is_not(None) & kept.c.deleting.is_(False)
    query = select(documents.c.id).outerjoin(kept, there)
    mine = (documents.c.collection_id == twin.id, documents.c.deleting.is_(False), kept.c.id.is_(None))
    return list(connection.execute(query.where(*mine)).scalars())


def forget_failures(connection: Connection, twin: Collection) -> None:
    """Let what could not be ingested into the twin be tried again."""
    failed = (documents.c.collection_id == twin.id, documents.c.attempt_status == DocumentStatus.FAILED)
    connection.execute(update(documents).where(*failed).values(attempt_file_id=""))


def same_documents(connection: Connection, document_id: str) -> list[DocumentKey]:
    """The documents of the same source in the twins of its collection."""
    other = documents.alias()
    query = (
        select(collections_ledger.INDEX_NAME.label("physical"), other.c.id)
        .select_from(documents)
        .join(collections, collections.c.version_of == documents.c.collection_id)
        .join(other, (other.c.collection_id == collections.c.id) & (other.c.source == documents.c.source))
        .where(documents.c.id == document_id)
    )
    return [DocumentKey(row.physical, row.id) for row in connection.execute(query)]


def everywhere(connection: Connection, document_id: str) -> list[DocumentKey]:
    """The documents of the same source in all versions of the collection, whichever of them this one is in.

    Whoever names a document may have seen it before a switch, which made it one of a version that is not active.
    """
    other, place = documents.alias(), collections.alias()
    family = func.coalesce(collections.c.version_of, collections.c.id)
    query = (
        select(collections_ledger.INDEX_NAME.label("physical"), other.c.id)
        .select_from(documents)
        .join(place, place.c.id == documents.c.collection_id)
        .join(collections, family == func.coalesce(place.c.version_of, place.c.id))
        .join(other, (other.c.collection_id == collections.c.id) & (other.c.source == documents.c.source))
        .where(documents.c.id == document_id)
    )
    return [DocumentKey(row.physical, row.id) for row in connection.execute(query)]


def switch(connection: Connection, original: Collection, twin: Collection) -> None:
    """Let the two change places: the original has the twin's documents, index, model and chunking, and the reverse.

    Ids and names stay with the collections, but the twin is named after its new number where that name is free. No job
    of either may be unfinished, or it would write into a version it was not made for.
    """
    before = {row.id: row for row in connection.execute(_both(original, twin).with_for_update())}
    for mine, other in ((original, twin), (twin, original)):
        taken = {name: getattr(before[other.id], name) for name in _SWAPPED}
        taken |= {"seed": other.seed, "index_name": other.index, "version": other.version}
        connection.execute(update(collections).where(collections.c.id == mine.id).values(taken))
    change = update(documents).where(documents.c.collection_id.in_([original.id, twin.id]))
    moved = case((documents.c.collection_id == original.id, twin.id), else_=original.id)
    connection.execute(change.values(collection_id=moved))
    marks = {"switch_to": None, "previous": twin.id, "alias_behind": True}
    connection.execute(update(collections).where(collections.c.id == original.id).values(marks))
    name = f"{original.name}.v{original.version}"
    if len(name) <= COLLECTION_NAME_CHARS and not _taken(connection, name):
        connection.execute(update(collections).where(collections.c.id == twin.id).values(name=name))


def _both(original: Collection, twin: Collection) -> Select[Any]:
    return select(collections).where(collections.c.id.in_([original.id, twin.id])).order_by(collections.c.seq)


def _lacking(original: Collection, twin: Collection) -> Select[Any]:
    had = documents.alias()
    same = (
        (had.c.version == documents.c.version)
        & (cast(had.c.attributes, Text) == cast(documents.c.attributes, Text))
        & (cast(had.c.access, Text) == cast(documents.c.access, Text))
    )
    refused = (had.c.attempt_status == DocumentStatus.FAILED) & (had.c.attempt_file_id == documents.c.file_id)
    there = (had.c.collection_id == twin.id) & (had.c.source == documents.c.source) & had.c.deleting.is_(False)
    return (
        select(documents, func.coalesce(refused, False).label("failed"))
        .outerjoin(had, there)
        .where(
            documents.c.collection_id == original.id,
            documents.c.version.is_not(None),
            documents.c.deleting.is_(False),
            or_(had.c.id.is_(None), had.c.version.is_(None), ~same),
        )
        .order_by(documents.c.seq)
    )


def _to_difference(row: AnyRow) -> Difference:
    return Difference(row.source, row.file_id or "", tuple(row.access or ()), row.attributes or {}, bool(row.failed))


def _taken(connection: Connection, name: str) -> bool:
    return connection.execute(select(collections.c.id).where(collections.c.name == name)).first() is not None
