"""A database that can only be read: the connection refuses what the parser might have missed."""

import sqlite3
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from services.shared.components.connectors.failures import ConnectorError

_READS = frozenset({sqlite3.SQLITE_READ, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_FUNCTION})
_NEVER_CALLED = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})
_STEPS = 10_000

T = TypeVar("T")
Row = dict[str, object]


@dataclass(frozen=True)
class Rows:
    """Rows in their order; `more`: there were others beyond the limit."""

    rows: list[Row]
    more: bool


class ReadOnlyDatabase:
    """SQLite or PostgreSQL by URL. Blocking: call it from a thread."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._url = _known(url)

    @property
    def dialect(self) -> str:
        """The parser's name of it."""
        return "sqlite" if self._url.get_backend_name() == "sqlite" else "postgres"

    def query(self, statement: str, values: Mapping[str, object], *, most: int) -> Rows:
        """At most so many rows of a statement.

        Raises:
            ConnectorError: the database refused it, it took too long, or there is no database.
        """

        def run(connection: Connection) -> Rows:
            found = connection.execute(text(statement), dict(values)).mappings().fetchmany(most + 1)
            return Rows([{str(k): _plain(v) for k, v in row.items()} for row in found[:most]], more=len(found) > most)

        return self._with(run)

    def tables(self) -> dict[str, list[str]]:
        """Columns with their types, by table; raises as `query` does."""

        def run(connection: Connection) -> dict[str, list[str]]:
            seen = inspect(connection)
            names = sorted([*seen.get_table_names(), *seen.get_view_names()])
            return {name: [f"{each['name']} {each['type']}" for each in seen.get_columns(name)] for name in names}

        return self._with(run, parsed=False)

    def _with(self, run: Callable[[Connection], T], *, parsed: bool = True) -> T:
        engine = self._engine()
        try:
            with engine.connect() as connection, self._limited(connection, parsed=parsed):
                return run(connection)
        except SQLAlchemyError as error:
            raise _failed(error) from None  # its own words may hold the address and values
        finally:
            engine.dispose()

    def _engine(self) -> Engine:
        if self.dialect == "sqlite":
            path = Path(self._url.database or "")
            uri = f"file:{path.as_posix()}?mode=ro"
            make = partial(sqlite3.connect, uri, uri=True, check_same_thread=False, timeout=self._timeout_s)
            return create_engine("sqlite://", creator=make, poolclass=NullPool)
        milliseconds = int(self._timeout_s * 1000)
        options = f"-c default_transaction_read_only=on -c statement_timeout={milliseconds} -c lock_timeout=1000"
        connect = {"options": options, "connect_timeout": max(2, int(self._timeout_s))}
        return create_engine(self._url.set(drivername="postgresql+psycopg"), connect_args=connect, poolclass=NullPool)

    @contextmanager
    def _limited(self, connection: Connection, *, parsed: bool) -> Generator[None]:
        if self.dialect != "sqlite":
            connection.execute(text("SET TRANSACTION READ ONLY"))
            yield
            return
        raw = cast("sqlite3.Connection", connection.connection.driver_connection)
        raw.execute("PRAGMA query_only=ON")
        raw.execute("PRAGMA trusted_schema=OFF")
        deadline = time.monotonic() + self._timeout_s
        raw.set_progress_handler(lambda: int(time.monotonic() > deadline), _STEPS)
        if parsed:  # looking at the schema takes pragmas, which nothing of a caller's is part of
            raw.set_authorizer(_authorise)
        yield


def _authorise(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    called = second if action == sqlite3.SQLITE_FUNCTION else first
    allowed = action in _READS and (called or "").lower() not in _NEVER_CALLED
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _known(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise ConnectorError("invalid_database", "The database's URL must begin with sqlite:/// or postgresql://.")
    return parsed


def _failed(error: SQLAlchemyError) -> ConnectorError:
    cause = getattr(error, "orig", None)
    said = str(cause or type(error).__name__).splitlines()[0][:200]
    if "interrupted" in said or "statement timeout" in said:
        return ConnectorError("timeout", "The statement took longer than the connector allows.")
    if any(each in said for each in ("not authorized", "prohibited", "readonly", "read-only", "permission denied")):
        return ConnectorError("statement_refused", "The database refused the statement: it may only read.")
    lost = any(each in said for each in ("unable to open", "connection", "Connection"))
    what = "The database cannot be reached." if lost else f"The database refused the statement: {said}."
    return ConnectorError("unreachable" if lost else "statement_failed", what, counts=lost)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)
