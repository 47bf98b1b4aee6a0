"""Transactions on the ledger."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select, text

from services.shared.components.catalogue.migrate import add_missing_columns
from services.shared.components.catalogue.schema import metadata
from services.shared.kit.database import open_database, storage_errors
from services.shared.kit.telemetry import get_logger

_log = get_logger("catalogue")
_SCHEMA_LOCK = 7_214_001  # any number: makes processes that start together create the tables one after the other


class Catalogue:
    """The ledger's database. Every method raises StorageFullError or UnavailableError when the database fails."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def read(self) -> Generator[Connection]:
        """A connection for queries, which all see the ledger as it was at the first of them."""
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
            added = add_missing_columns(connection, metadata)
            metadata.create_all(connection)
        if added:
            _log.info("columns_added", columns=added)

    def check(self) -> None:
        """Return when the database answers."""
        with self.read() as connection:
            connection.execute(select(1))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def open_catalogue(url: str) -> Catalogue:
    """The ledger at a database URL; call `create_schema` before its first use."""
    return Catalogue(open_database(url))
