"""Collections in the ledger."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from services.shared.components.catalogue.schema import collections, documents, jobs
from services.shared.components.indexes.names import first_index
from services.shared.contracts.chunking import Chunking
from services.shared.contracts.corpus import Collection, CountedCollection, DocumentStatus, JobStatus
from services.shared.contracts.deduplication import Deduplication
from services.shared.contracts.metadata import MetadataSchema
from services.shared.kit.errors import ConflictError, NotFoundError
from services.shared.kit.paging import AnyRow, Cursor, Page, fetch_page

ID_PREFIX = "vs_"
INDEX_NAME = func.coalesce(collections.c.index_name, collections.c.name + first_index(""))


@dataclass(frozen=True)
class CollectionChoices:
    """What is chosen for the whole life of a collection; `chunking` may be left to the platform's settings."""

    chunking: Chunking | None = None
    deduplication: Deduplication = field(default_factory=Deduplication)
    parsers: Mapping[str, str] = field(default_factory=dict[str, str])
    metadata_schema: MetadataSchema | None = None


PLATFORM_CHOICES = CollectionChoices()

_LIVING = select(collections).where(collections.c.deleting.is_(False))


def create(
    connection: Connection,
    *,
    name: str,
    embedding_model: str,
    dimensions: int,
    attributes: Mapping[str, str],
    choices: CollectionChoices = PLATFORM_CHOICES,
) -> Collection:
    """A new collection.

    Raises:
        ConflictError: the name is taken, or its former owner is still being deleted.
    """
    columns = (collections.c.deleting, collections.c.importing_until)
    taken = connection.execute(select(*columns).where(collections.c.name == name)).first()
    if taken is not None:
        raise _name_taken(name, deleting=taken.deleting, importing=taken.importing_until is not None)
    collection = Collection(
        id=f"{ID_PREFIX}{secrets.token_hex(12)}",
        name=name,
        created_at=datetime.now(UTC),
        embedding_model=embedding_model,
        dimensions=dimensions,
        attributes=dict(attributes),
        chunking=choices.chunking,
        deduplication=choices.deduplication,
        parsers=dict(choices.parsers),
        metadata_schema=choices.metadata_schema,
        index=first_index(name),
    )
    stored = collection.model_dump(include={*collections.c.keys()} - {"seed"})
    connection.execute(insert(collections).values(stored))
    return collection


def find(connection: Connection, id_or_name: str) -> Collection | None:
    """The collection with this id or name; None when there is none (any more)."""
    matches = or_(collections.c.id == id_or_name, collections.c.name == id_or_name)
    row = connection.execute(_LIVING.where(matches)).first()
    return None if row is None else _to_collection(row)


def get(connection: Connection, id_or_name: str) -> Collection:
    """The collection with this id or name.

    Raises:
        NotFoundError: there is none.
    """
    found = find(connection, id_or_name)
    if found is None:
        raise NotFoundError(
            f"There is no collection '{id_or_name}'; list the collections to see which there are, or create it.",
            code="collection_not_found",
        )
    return found


def get_counted(connection: Connection, id_or_name: str) -> CountedCollection:
    """`get`, with what is in the collection."""
    return counted(connection, [get(connection, id_or_name)])[0]


def page(connection: Connection, cursor: Cursor) -> Page[CountedCollection]:
    """A page of the collections; their other versions are left out."""
    query = _LIVING.where(collections.c.version_of.is_(None))
    found = fetch_page(connection, query, table=collections, cursor=cursor, to_item=_to_collection)
    return Page(counted(connection, found.items), found.has_more)


def everything(connection: Connection) -> list[Collection]:
    """All collections, by name; their other versions are left out."""
    query = _LIVING.where(collections.c.version_of.is_(None))
    return [_to_collection(row) for row in connection.execute(query.order_by(collections.c.name))]


def counted(connection: Connection, found: Sequence[Collection]) -> list[CountedCollection]:
    """The same collections with what is in them, counted over all their documents."""
    stored = documents.c.version.is_not(None) & documents.c.copy_of.is_(None)
    wanted: list[ColumnElement[Any]] = [
        documents.c.collection_id,
        func.count(documents.c.version).label("documents"),
        func.count().filter(documents.c.attempt_status == DocumentStatus.FAILED).label("failed_documents"),
        func.coalesce(func.sum(documents.c.chunks).filter(stored), 0).label("chunks"),
        func.coalesce(func.sum(documents.c.bytes).filter(stored), 0).label("bytes"),
    ]
    here = (documents.c.collection_id.in_([each.id for each in found]), documents.c.deleting.is_(False))
    query = select(*wanted).where(*here).group_by(documents.c.collection_id)
    counts = {row.collection_id: row for row in connection.execute(query)}
    return [_with_counts(each, counts.get(each.id)) for each in found]


def pending_documents(connection: Connection, collection_id: str) -> int:
    """How many documents wait for an ingest job or are in one."""
    waiting = documents.c.attempt_status == DocumentStatus.PENDING
    query = select(func.count()).where(documents.c.collection_id == collection_id, waiting)
    return connection.execute(query.where(documents.c.deleting.is_(False))).scalar_one()


def set_attributes(connection: Connection, collection_id: str, attributes: Mapping[str, str]) -> None:
    """Replace the user's own key-value pairs."""
    change = update(collections).where(collections.c.id == collection_id)
    connection.execute(change.values(attributes=dict(attributes)))


def mark_deleting(connection: Connection, collection_id: str) -> None:
    """Hide the collection from every reader; its name stays taken until `remove`."""
    connection.execute(update(collections).where(collections.c.id == collection_id).values(deleting=True))


def remove(connection: Connection, collection_id: str) -> bool:
    """Remove a collection marked for it, with its documents, unless a job still runs on it; whether it is gone."""
    running = select(jobs.c.id).where(jobs.c.collection_id == collection_id, jobs.c.status == JobStatus.RUNNING)
    if connection.execute(running.limit(1)).first() is not None:
        return False
    marked = collections.c.deleting.is_(True)
    connection.execute(delete(collections).where(collections.c.id == collection_id, marked))
    return True


def deleting(connection: Connection) -> list[tuple[str, str, str]]:
    """Id, name and index of the collections whose deletion has not come to its end.

    An import that nobody is at any more is one of them.
    """
    columns = (collections.c.id, collections.c.name, INDEX_NAME.label("physical"))
    left = or_(collections.c.importing_until.is_(None), collections.c.importing_until < datetime.now(UTC))
    query = select(*columns).where(collections.c.deleting.is_(True), left)
    return [(row.id, row.name, row.physical) for row in connection.execute(query)]


def lock(connection: Connection, collection_id: str) -> bool:
    """Keep the collection as it is until the transaction ends; False when it is gone or being deleted."""
    query = select(collections.c.deleting).where(collections.c.id == collection_id).with_for_update()
    return connection.execute(query).scalar() is False


def _with_counts(collection: Collection, row: AnyRow | None) -> CountedCollection:
    return CountedCollection(
        **dict(collection),
        documents=row.documents if row is not None else 0,
        failed_documents=row.failed_documents if row is not None else 0,
        chunks=row.chunks if row is not None else 0,
        bytes=row.bytes if row is not None else 0,
    )


def _to_collection(row: AnyRow) -> Collection:
    return Collection(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        embedding_model=row.embedding_model,
        dimensions=row.dimensions,
        attributes=row.attributes,
        chunking=row.chunking,
        deduplication=row.deduplication or Deduplication(),
        parsers=row.parsers or {},
        metadata_schema=row.metadata_schema,
        version=row.version or 1,
        version_of=row.version_of,
        index=row.index_name or first_index(row.name),
        seed=row.seed or row.id,
    )


def _name_taken(name: str, *, deleting: bool, importing: bool) -> ConflictError:
    if importing:
        return ConflictError(
            f"An import into '{name}' is at work, or was interrupted and is being removed; try again in a minute, or "
            "choose another name.",
            code="collection_being_imported",
            param="name",
        )
    if deleting:
        return ConflictError(
            f"The former collection '{name}' is still being deleted; try again in a few seconds.",
            code="collection_being_deleted",
            param="name",
        )
    return ConflictError(
        f"There is a collection '{name}' already; use it, or choose another name.",
        code="collection_exists",
        param="name",
    )
