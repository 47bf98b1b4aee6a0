"""Uploaded files in the ledger; their bytes are in `blobs`."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.shared.components.catalogue.schema import blobs, documents, files, sync_items
from services.shared.kit.errors import NotFoundError
from services.shared.kit.paging import AnyRow, Cursor, Page, fetch_page

ID_PREFIX = "file-"
SYNCED = "synced"
"""The purpose of files that a sync brought: they go with the last document that stands on them."""
IMPORTED = "imported"
"""The purpose of files that an import brought, which go likewise."""
BROUGHT = frozenset({SYNCED, IMPORTED})
"""Purposes of files that nobody uploaded."""
IMPORTING = "importing"
"""The same before the import is complete: nobody sees them yet."""

_DONE = "done"
_IDS_PER_QUERY = 500  # SQLite and PostgreSQL both limit the parameters of a statement


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file somebody uploaded; several may hold the same bytes."""

    id: str
    sha256: str
    bytes: int
    filename: str
    purpose: str
    created_at: datetime


def create(connection: Connection, *, sha256: str, size: int, filename: str, purpose: str) -> FileRecord:
    """A new file. Call `lock_blob` first and put the bytes in place in the same transaction."""
    record = FileRecord(
        id=f"{ID_PREFIX}{secrets.token_hex(12)}",
        sha256=sha256,
        bytes=size,
        filename=filename,
        purpose=purpose,
        created_at=datetime.now(UTC),
    )
    stored = {name: getattr(record, name) for name in record.__slots__}
    connection.execute(insert(files).values(stored))
    return record


def lock_blob(connection: Connection, sha256: str) -> None:
    """Let no other transaction add or remove a file with these bytes until this one ends."""
    new = postgresql.insert(blobs) if connection.dialect.name == "postgresql" else sqlite.insert(blobs)
    connection.execute(new.values(sha256=sha256).on_conflict_do_nothing())
    connection.execute(update(blobs).where(blobs.c.sha256 == sha256).values(sha256=sha256))


def get(connection: Connection, file_id: str) -> FileRecord:
    """The file.

    Raises:
        NotFoundError: there is none.
    """
    row = connection.execute(select(files).where(files.c.id == file_id)).first()
    if row is None:
        raise file_not_found(file_id)
    return _to_record(row)


def by_id(connection: Connection, ids: Iterable[str]) -> dict[str, FileRecord]:
    """Those of the files that exist."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, FileRecord] = {}
    for start in range(0, len(wanted), _IDS_PER_QUERY):
        query = select(files).where(files.c.id.in_(wanted[start : start + _IDS_PER_QUERY]))
        found |= {row.id: _to_record(row) for row in connection.execute(query)}
    return found


def page(connection: Connection, cursor: Cursor, *, purpose: str | None) -> Page[FileRecord]:
    """A page of the files, of one purpose when given."""
    query = select(files).where(files.c.purpose != IMPORTING)
    if purpose is not None:
        query = query.where(files.c.purpose == purpose)
    return fetch_page(connection, query, table=files, cursor=cursor, to_item=_to_record)


def forget(connection: Connection, record: FileRecord) -> None:
    """Remove the file's row; `remove`, called later, tells whether its bytes can go, too."""
    connection.execute(delete(files).where(files.c.id == record.id))


def remove(connection: Connection, *, file_id: str, sha256: str) -> bool:
    """Remove the file, if it is there; True when no other has its bytes, which can then go too."""
    lock_blob(connection, sha256)
    connection.execute(delete(files).where(files.c.id == file_id))
    others = connection.execute(select(files.c.id).where(files.c.sha256 == sha256).limit(1)).first()
    if others is not None:
        return False
    connection.execute(delete(blobs).where(blobs.c.sha256 == sha256))
    return True


def has_bytes(connection: Connection, sha256: str) -> bool:
    """Whether a file has these bytes."""
    return connection.execute(select(files.c.id).where(files.c.sha256 == sha256).limit(1)).first() is not None


def abandoned(connection: Connection, *, purposes: Collection[str], limit: int) -> list[FileRecord]:
    """Files with these purposes that no document and no sync refers to (any more)."""
    query = select(files).where(
        files.c.purpose.in_(purposes),
        ~exists().where(documents.c.file_id == files.c.id),
        ~exists().where(documents.c.attempt_file_id == files.c.id),
        ~exists().where(sync_items.c.file_id == files.c.id, sync_items.c.status != _DONE),
    )
    return [_to_record(row) for row in connection.execute(query.limit(limit))]


def file_not_found(file_id: str) -> NotFoundError:
    """What to tell who asks for a file that is not there."""
    return NotFoundError(
        f"There is no file '{file_id}'; list the files to see which there are, or upload it.",
        code="file_not_found",
    )


def _to_record(row: AnyRow) -> FileRecord:
    return FileRecord(row.id, row.sha256, row.bytes, row.filename, row.purpose, row.created_at)
