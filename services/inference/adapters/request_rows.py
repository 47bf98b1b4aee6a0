"""Logged requests as rows. Functions on a connection; blocking."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, or_, select

from services.inference.adapters.tables import requests
from services.inference.errors import no_such_request
from services.shared.contracts.requests import Flag, LoggedRequest, RequestSummary
from services.shared.kit.paging import AnyRow, Cursor, Page, fetch_page

_ROW_BYTES = 600
"""About what a row takes beside its packed content, its entries in indexes included."""
_AT_ONCE = 100
_FIGURES = frozenset({"usage", "timings", "cost"})
_COLUMNS = frozenset(RequestSummary.model_fields) - _FIGURES - {"flags", "created_at"}


@dataclass(frozen=True)
class RequestFilter:
    """Which requests; what is None or empty does not matter."""

    model: str | None = None
    principal: str | None = None
    replica: str | None = None
    error: str | None = None
    flags: tuple[Flag, ...] = ()
    """Those with one of these flags."""
    flagged: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


def add(connection: Connection, entries: Sequence[LoggedRequest]) -> int:
    """Keep requests; how many bytes they take."""
    rows = [_row(each) for each in entries]
    if rows:
        connection.execute(insert(requests), rows)
    return sum(int(str(row["size_bytes"])) for row in rows)


def get(connection: Connection, request_id: str) -> LoggedRequest:
    """One request by its id or its transaction's; of several with the same transaction id the newest.

    Raises:
        NotFoundError: there is none.
    """
    for column in (requests.c.id, requests.c.request_id):
        row = connection.execute(
            select(requests).where(column == request_id).order_by(requests.c.seq.desc()).limit(1)
        ).first()
        if row is not None:
            return _entry(row)
    raise no_such_request(request_id)


def page(connection: Connection, wanted: RequestFilter, cursor: Cursor) -> Page[RequestSummary]:
    """A page of the requests."""
    return fetch_page(connection, _query(wanted), table=requests, cursor=cursor, to_item=_summary)


def following(
    connection: Connection, wanted: RequestFilter, *, seq: int, limit: int
) -> list[tuple[int, LoggedRequest]]:
    """The next requests in full, oldest first, each with its `seq`; those behind `seq`, which may be gone by now."""
    query = _query(wanted).where(requests.c.seq > seq).order_by(requests.c.seq).limit(limit)
    return [(row.seq, _entry(row)) for row in connection.execute(query)]


def remove(connection: Connection, request_id: str) -> str:
    """Delete one; raises as `get`."""
    found = get(connection, request_id)
    connection.execute(delete(requests).where(requests.c.id == found.id))
    return found.id


def count_of(connection: Connection, principal: str, until: datetime) -> int:
    """How many a principal has, of those begun until then."""
    return connection.execute(select(func.count(requests.c.seq)).where(*_theirs(principal, until))).scalar_one()


def remove_of(connection: Connection, principal: str, until: datetime) -> int:
    """Delete a principal's; how many."""
    return connection.execute(delete(requests).where(*_theirs(principal, until))).rowcount


def size_bytes(connection: Connection) -> int:
    """What all rows take."""
    return connection.execute(select(func.coalesce(func.sum(requests.c.size_bytes), 0))).scalar_one()


def remove_older(connection: Connection, before: datetime) -> int:
    """Delete some that are older; how many bytes went, 0 when none is left."""
    return _remove_first(connection, select(requests.c.seq).where(requests.c.created_at < before))


def remove_oldest(connection: Connection) -> int:
    """Delete some of the oldest; how many bytes went, 0 when none is left."""
    return _remove_first(connection, select(requests.c.seq))


def _remove_first(connection: Connection, query: Select[Any]) -> int:
    seqs = list(connection.execute(query.order_by(requests.c.seq).limit(_AT_ONCE)).scalars())
    chosen = requests.c.seq.in_(seqs)
    gone = connection.execute(select(func.coalesce(func.sum(requests.c.size_bytes), 0)).where(chosen)).scalar_one()
    connection.execute(delete(requests).where(chosen))
    return gone


def _theirs(principal: str, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return requests.c.principal == principal, requests.c.created_at <= until


def _query(wanted: RequestFilter) -> Select[Any]:
    equal = {"principal": wanted.principal, "replica": wanted.replica, "error_code": wanted.error}
    found = [requests.c[name] == value for name, value in equal.items() if value is not None]
    if wanted.model is not None:
        found.append(or_(requests.c.model == wanted.model, requests.c.served_model == wanted.model))
    if wanted.flags:
        found.append(or_(*(requests.c.flags.contains(f",{flag},") for flag in wanted.flags)))
    if wanted.flagged is not None:
        found.append(requests.c.flags != "" if wanted.flagged else requests.c.flags == "")
    if wanted.since is not None:
        found.append(requests.c.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(requests.c.created_at < wanted.until)
    return select(requests).where(*found)


def _row(entry: LoggedRequest) -> dict[str, object]:
    everything = entry.model_dump(mode="json")
    figures = {name: everything.pop(name) for name in _FIGURES}
    flags = everything.pop("flags")
    del everything["created_at"]
    columns = {name: _storable(everything.pop(name)) for name in _COLUMNS}
    content = zlib.compress(orjson.dumps(everything), 3)
    return {
        **columns,
        "created_at": entry.created_at,
        "flags": f",{','.join(flags)}," if flags else "",
        "figures": figures,
        "content": content,
        "size_bytes": len(content) + _ROW_BYTES,
    }


def _summary(row: AnyRow) -> RequestSummary:
    return RequestSummary.model_validate(_columns(row))


def _entry(row: AnyRow) -> LoggedRequest:
    return LoggedRequest.model_validate({**orjson.loads(zlib.decompress(row.content)), **_columns(row)})


def _columns(row: AnyRow) -> Mapping[str, object]:
    kept = {name: getattr(row, name) for name in _COLUMNS}
    return {
        **kept,
        **row.figures,
        "created_at": row.created_at,
        "flags": [each for each in row.flags.split(",") if each],
    }


def _storable(value: object) -> object:
    """The value as every database takes it: PostgreSQL has no NUL in texts."""
    return value.replace("\x00", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
