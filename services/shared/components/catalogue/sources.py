"""Declared sources in the ledger, and their items as the last sync left them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Exists, Select, delete, exists, func, insert, or_, select, update

from services.shared.components.catalogue.reasons import reason_of
from services.shared.components.catalogue.schema import (
    collections,
    documents,
    source_items,
    sources,
    sync_items,
    syncs,
)
from services.shared.contracts.corpus import Collection
from services.shared.contracts.sources import (
    CreateSource,
    ItemStatus,
    Schedule,
    Source,
    SourceConfig,
    SourceItem,
    SyncStatus,
)
from services.shared.kit.errors import ConflictError, NotFoundError
from services.shared.kit.paging import AnyRow, Cursor, Page, fetch_page, page_by_seq

ID_PREFIX = "src_"
UNFINISHED_SYNCS = (SyncStatus.QUEUED, SyncStatus.RUNNING)
_CONFIG: TypeAdapter[SourceConfig] = TypeAdapter(SourceConfig)


@dataclass(frozen=True)
class Declared:
    """A source with what only a sync needs to know of it."""

    source: Source
    collection_id: str
    access: tuple[str, ...]
    declared_by: str | None = None
    cursor: str | None = None
    full_at: datetime | None = None


def create(
    connection: Connection,
    wanted: CreateSource,
    collection: Collection,
    *,
    access: Sequence[str],
    declared_by: str | None = None,
    next_sync_at: datetime | None,
) -> Source:
    """A new source; `access` are the principals who may read what its syncs ingest, where it does not know better.

    Raises:
        ConflictError: the name is taken.
    """
    if connection.execute(select(sources.c.id).where(sources.c.name == wanted.name)).first() is not None:
        raise ConflictError(
            f"There is a source '{wanted.name}' already; choose another name, or change or remove that one.",
            code="source_exists",
            param="name",
        )
    row = {
        "id": f"{ID_PREFIX}{secrets.token_hex(12)}",
        "collection_id": collection.id,
        "access": list(access),
        "created_at": datetime.now(UTC),
        "declared_by": declared_by,
        "next_sync_at": next_sync_at,
        **wanted.model_dump(mode="json", include={"name", "config", "include", "exclude", "schedule", "attributes"}),
    }
    connection.execute(insert(sources).values(row))
    return get(connection, str(row["id"])).source


def find(connection: Connection, id_or_name: str) -> Declared | None:
    """The source with this id or name; None when there is none (any more)."""
    row = connection.execute(_shown().where(or_(sources.c.id == id_or_name, sources.c.name == id_or_name))).first()
    if row is None:
        return None
    told = {"declared_by": row.declared_by, "cursor": row.cursor, "full_at": row.full_at}
    return Declared(_to_source(row), row.collection_id, tuple(row.access), **told)


def get(connection: Connection, id_or_name: str) -> Declared:
    """The source with this id or name.

    Raises:
        NotFoundError: there is none.
    """
    found = find(connection, id_or_name)
    if found is None:
        raise NotFoundError(
            f"There is no source '{id_or_name}'; list the sources to see which there are, or add it.",
            code="source_not_found",
        )
    return found


def page(connection: Connection, cursor: Cursor, *, collection: str | None) -> Page[Source]:
    """A page of the sources, of one collection when given."""
    query = _shown()
    if collection is not None:
        query = query.where(or_(collections.c.name == collection, collections.c.id == collection))
    return fetch_page(connection, query, table=sources, cursor=cursor, to_item=_to_source)


def change(connection: Connection, source: Source, *, next_sync_at: datetime | None) -> Source:
    """Replace config, globs and schedule by the given source's."""
    row = source.model_dump(mode="json", include={"config", "include", "exclude", "schedule"})
    connection.execute(update(sources).where(sources.c.id == source.id).values(row | {"next_sync_at": next_sync_at}))
    return get(connection, source.id).source


def remove(connection: Connection, source_id: str) -> None:
    """Forget the source, its items and its syncs; its documents stay.

    Raises:
        ConflictError: a sync or plan of it has not ended.
    """
    require_rest(connection, source_id)
    connection.execute(delete(sources).where(sources.c.id == source_id))


def own_documents(connection: Connection, source_id: str, names: Sequence[str] | None = None) -> list[str]:
    """Ids of the documents that this source alone has, in all versions of its collection; of these names when given.

    What another source of the collection has, too, is left out.
    """
    own = select(source_items.c.source).where(source_items.c.source_id == source_id, ~_shared(source_id))
    if names is not None:
        own = own.where(source_items.c.source.in_(names))
    collection = select(sources.c.collection_id).where(sources.c.id == source_id).scalar_subquery()
    versions = select(collections.c.id).where(
        or_(collections.c.id == collection, collections.c.version_of == collection)
    )
    query = select(documents.c.id).where(documents.c.collection_id.in_(versions), documents.c.source.in_(own))
    return list(connection.execute(query.where(documents.c.deleting.is_(False)).order_by(documents.c.seq)).scalars())


def traces(connection: Connection, source_id: str) -> tuple[int, int]:
    """How many items the source has, and entries of its syncs that are kept."""
    items = select(func.count()).select_from(source_items).where(source_items.c.source_id == source_id)
    of = select(syncs.c.id).where(syncs.c.source_id == source_id)
    entries = select(func.count()).select_from(sync_items).where(sync_items.c.sync_id.in_(of))
    return connection.execute(items).scalar_one(), connection.execute(entries).scalar_one()


def _shared(source_id: str) -> Exists:
    """Whether another source of the same collection has an item of the same name."""
    other, place, own = source_items.alias(), sources.alias(), sources.alias()
    return exists().where(
        other.c.source == source_items.c.source,
        other.c.source_id == place.c.id,
        place.c.collection_id == own.c.collection_id,
        own.c.id == source_id,
        place.c.id != source_id,
    )


def require_rest(connection: Connection, source_id: str) -> None:
    """Return when no sync of the source is queued or at work; none begins before the transaction ends.

    Raises:
        ConflictError: one is.
    """
    connection.execute(select(sources.c.id).where(sources.c.id == source_id).with_for_update())
    at_work = select(syncs.c.id, syncs.c.dry_run).where(
        syncs.c.source_id == source_id, syncs.c.status.in_(UNFINISHED_SYNCS)
    )
    other = connection.execute(at_work).first()
    if other is not None:
        what = "plan" if other.dry_run else "sync"
        raise ConflictError(
            f"The {what} {other.id} of this source has not ended; wait for it, or cancel it.", code="sync_running"
        )


def is_any_due(connection: Connection, now: datetime) -> bool:
    """Whether `due` would find something."""
    return connection.execute(select(sources.c.id).where(sources.c.next_sync_at <= now).limit(1)).first() is not None


def due(connection: Connection, now: datetime) -> list[Declared]:
    """The sources whose schedule says that they are to be synced, locked until the transaction ends."""
    query = select(sources.c.id).where(sources.c.next_sync_at <= now).with_for_update(skip_locked=True)
    return [get(connection, source_id) for source_id in list(connection.execute(query).scalars())]


def set_next_sync(connection: Connection, source_id: str, at: datetime | None) -> None:
    """When the schedule is due next."""
    connection.execute(update(sources).where(sources.c.id == source_id).values(next_sync_at=at))


def reached(connection: Connection, source_id: str, *, cursor: str | None, full_at: datetime | None) -> None:
    """Where the next sync goes on; None leaves what is known."""
    known = {"cursor": cursor, "full_at": full_at}
    noted = {name: value for name, value in known.items() if value is not None}
    if noted:
        connection.execute(update(sources).where(sources.c.id == source_id).values(noted))


def items(connection: Connection, source_id: str, cursor: Cursor, *, status: ItemStatus | None) -> Page[SourceItem]:
    """A page of the source's items, those with one status when given."""
    query = select(source_items).where(source_items.c.source_id == source_id)
    if status is not None:
        query = query.where(source_items.c.status == status)
    return page_by_seq(connection, query, cursor, seq=source_items.c.seq, to_item=_to_item)


def _shown() -> Select[Any]:
    counted = (
        select(
            source_items.c.source_id,
            func.count().label("found"),
            func.count().filter(source_items.c.status == ItemStatus.FAILED).label("failed"),
        )
        .group_by(source_items.c.source_id)
        .subquery()
    )
    newest = (
        select(syncs.c.id)
        .where(syncs.c.source_id == sources.c.id, syncs.c.dry_run.is_(False))
        .order_by(syncs.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    joined = sources.join(collections, collections.c.id == sources.c.collection_id).outerjoin(
        counted, counted.c.source_id == sources.c.id
    )
    columns = (collections.c.name.label("collection"), counted.c.found, counted.c.failed, newest.label("last_sync"))
    return select(*sources.columns, *columns).select_from(joined).where(collections.c.deleting.is_(False))


def _to_source(row: AnyRow) -> Source:
    return Source(
        id=row.id,
        name=row.name,
        collection=row.collection,
        config=_CONFIG.validate_python(row.config),
        include=row.include,
        exclude=row.exclude,
        schedule=None if row.schedule is None else Schedule.model_validate(row.schedule),
        attributes=row.attributes or {},
        created_at=row.created_at,
        next_sync_at=row.next_sync_at,
        items=row.found or 0,
        failed_items=row.failed or 0,
        last_sync=row.last_sync,
    )


def _to_item(row: AnyRow) -> SourceItem:
    failed = row.status == ItemStatus.FAILED
    return SourceItem(
        id=str(row.seq),
        key=row.key,
        source=row.source,
        status=row.status,
        bytes=row.size,
        sha256=row.sha256,
        synced_at=row.synced_at,
        reason=reason_of(row) if failed else None,
    )
