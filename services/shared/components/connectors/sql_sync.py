"""Rows of a database as documents, found again by a column that grows with every change."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

from services.shared.components.connectors.connector import ConnectorConfig
from services.shared.components.connectors.events import Checkpoint, Delete, Deletes, SyncEvent, SyncTraits, Upsert
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.sql_database import Rows

_BLOCK_ROWS = 500
_LARGEST_BLOCK_ROWS = 32_000
_NO = frozenset({None, 0, "", "0", "false"})

Read = Callable[[str, int], Awaitable[Rows]]
"""Asks for the rows after a cursor, and how many at most."""


class SyncQuery(ConnectorConfig):
    """What a sync reads; all but `sql` and `first` are names of columns of the result.

    `sql` has `:cursor` and orders by the column `cursor`; `first` is what the cursor is at the beginning. `text` is
    what is read of a row, all columns by their names when left out. `source` is its address, if it has one. A row whose
    `deleted` is neither null nor false nor 0 is deleted. `access` lists who may read it, separated by commas.
    """

    sql: str
    key: str
    cursor: str
    title: str
    first: str = ""
    text: str = ""
    source: str = ""
    deleted: str = ""
    access: str = ""

    @property
    def traits(self) -> SyncTraits:
        """What can be expected of it."""
        deletes = Deletes.REPORTED if self.deleted else Deletes.ABSENT
        return SyncTraits(deletes=deletes, permissions=bool(self.access))


async def changes(sync: SyncQuery, read: Read, cursor: str | None) -> AsyncGenerator[SyncEvent]:
    """The rows after the cursor, with a checkpoint after each block; rows of one change are never parted.

    Raises:
        ConnectorError: the statement failed, lacks a column, or its cursor does not grow.
    """
    at, most = sync.first if cursor is None else cursor, _BLOCK_ROWS
    while True:
        found = await read(at, most)
        rows = _settled(found, sync)
        for row in rows:
            yield _event(row, sync)
        reached = str(_column(rows[-1], sync.cursor)) if rows else at
        if reached != at:
            yield Checkpoint(reached)
        if not found.more:
            return
        if reached == at and most >= _LARGEST_BLOCK_ROWS:
            message = f"More than {most:,} rows have the same '{sync.cursor}'; take a column that tells them apart."
            raise ConnectorError("invalid_sync", message)
        at, most = reached, most if reached != at else most * 2


def _settled(found: Rows, sync: SyncQuery) -> list[Mapping[str, object]]:
    """The rows up to the last whole change: where there are more, some with the last cursor may be among those."""
    if not found.more:
        return list(found.rows)
    last = _column(found.rows[-1], sync.cursor)
    return [row for row in found.rows if _column(row, sync.cursor) != last]


def _event(row: Mapping[str, object], sync: SyncQuery) -> SyncEvent:
    key = str(_column(row, sync.key))
    if sync.deleted and _column(row, sync.deleted) not in _NO:
        return Delete(key)
    access = str(_column(row, sync.access) or "") if sync.access else ""
    return Upsert(
        key,
        title=str(_column(row, sync.title)),
        source=str(_column(row, sync.source) or key) if sync.source else key,
        content=_text(row, sync).encode(),
        access=tuple(each.strip() for each in access.split(",") if each.strip()),
    )


def _text(row: Mapping[str, object], sync: SyncQuery) -> str:
    if sync.text:
        return str(_column(row, sync.text) or "")
    about = {sync.deleted, sync.access}
    return "\n".join(f"{name}: {value}" for name, value in row.items() if value is not None and name not in about)


def _column(row: Mapping[str, object], name: str) -> object:
    try:
        return row[name]
    except KeyError as error:
        known = ", ".join(row)
        raise ConnectorError("invalid_sync", f"The sync's statement has no column '{name}', but {known}.") from error
