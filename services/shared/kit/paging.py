"""Pages of a listing: an id to start after, a direction, a limit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Connection, Row, Select, Table

from services.shared.kit.errors import InvalidRequestError

T = TypeVar("T")
_MOST_DIGITS = 18  # what every database takes for a big integer
AnyRow = Row[Any]
"""A row of a query: the raw edge to the database."""


@dataclass(frozen=True)
class Cursor:
    """Which page of a listing; newest first unless `ascending`."""

    limit: int = 20
    after: str | None = None
    before: str | None = None
    ascending: bool = False


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page, and whether more follow."""

    items: list[T]
    has_more: bool


def fetch_page(
    connection: Connection,
    query: Select[Any],
    *,
    table: Table,
    cursor: Cursor,
    to_item: Callable[[AnyRow], T],
    key: str = "id",
) -> Page[T]:
    """The page of `query` that the cursor names; its ids are in the table's column `key`.

    Raises:
        InvalidRequestError: no such id to start from.
    """
    bounded = query
    for param, anchor in (("after", cursor.after), ("before", cursor.before)):
        if anchor is not None:
            found = query.with_only_columns(table.c.seq).where(table.c[key] == anchor).limit(1)
            seq = connection.execute(found).scalar()
            if seq is None:
                raise no_such_anchor(anchor, param)
            upwards = cursor.ascending == (param == "after")
            bounded = bounded.where(table.c.seq > seq if upwards else table.c.seq < seq)
    order = table.c.seq.asc() if cursor.ascending else table.c.seq.desc()
    rows = connection.execute(bounded.order_by(order).limit(cursor.limit + 1)).all()
    return Page([to_item(row) for row in rows[: cursor.limit]], has_more=len(rows) > cursor.limit)


def page_by_seq(
    connection: Connection,
    query: Select[Any],
    cursor: Cursor,
    *,
    seq: Column[int],
    to_item: Callable[[AnyRow], T],
) -> Page[T]:
    """A page of rows that the outside knows by their `seq` alone.

    Raises:
        InvalidRequestError: no such place to start from.
    """
    for param, anchor in (("after", cursor.after), ("before", cursor.before)):
        if anchor is None:
            continue
        if not (anchor.isascii() and anchor.isdecimal() and len(anchor) <= _MOST_DIGITS):
            raise no_such_anchor(anchor, param)
        upwards = cursor.ascending == (param == "after")
        query = query.where(seq > int(anchor) if upwards else seq < int(anchor))
    rows = connection.execute(query.order_by(seq.asc() if cursor.ascending else seq.desc()).limit(cursor.limit + 1))
    found = rows.all()
    return Page([to_item(row) for row in found[: cursor.limit]], has_more=len(found) > cursor.limit)


def no_such_anchor(anchor: str, param: str) -> InvalidRequestError:
    """The refusal of a listing that is to start where nothing is."""
    return InvalidRequestError(
        f"There is no '{anchor}' to continue the listing from; list again from the start.", param=param
    )
