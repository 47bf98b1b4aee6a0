"""Tables of a relational database: transactions on them, created and brought up to date when a process starts."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Connection, Dialect, Double, Engine, Integer, MetaData, TypeDecorator, select, text

from services.shared.kit.database import storage_errors
from services.shared.kit.migrate import add_missing_columns
from services.shared.kit.telemetry import get_logger

_log = get_logger("tables")
_SCHEMA_LOCK = 7_214_001  # any number: makes processes that start together create the tables one after the other

SEQ = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up by itself in SQLite
"""The type of a column `seq`, which orders the rows of a listing."""


class UtcTime(TypeDecorator[datetime]):
    """An aware time as seconds since 1970: SQLite has no type that keeps the zone."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> float | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        return None if value is None else value.timestamp()

    def process_result_value(self, value: float | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Tables:
    """A database's tables. Every method raises StorageFullError or UnavailableError when the database fails.

    Blocking: call it from a thread.
    """

    def __init__(self, engine: Engine, metadata: MetaData) -> None:
        self._engine = engine
        self._metadata = metadata

    @contextmanager
    def read(self) -> Generator[Connection]:
        """A connection for queries, which all see the tables as they were at the first of them."""
        with storage_errors(), self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            else:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def write(self) -> Generator[Connection]:
        """A transaction, committed at the end; what it reads cannot change under it.

        On SQLite it holds the one write lock from its start; on PostgreSQL lock the rows you decide by
        (`with_for_update`, which SQLite ignores).
        """
        with storage_errors(), self._engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    def create_schema(self) -> None:
        """Create the tables and columns that are missing; safe to call from several processes at once."""
        with self.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
            added = add_missing_columns(connection, self._metadata)
            self._metadata.create_all(connection)
        if added:
            _log.info("columns_added", columns=added)

    def check(self) -> None:
        """Return when the database answers."""
        with self.read() as connection:
            connection.execute(select(1))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
