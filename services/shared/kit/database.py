"""The relational database: SQLite on one machine, PostgreSQL by URL."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from services.shared.kit.errors import StorageFullError, UnavailableError

_SQLITE_WAIT_MS = 15_000


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite database file, its folder made when missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{path}"


def open_database(url: str) -> Engine:
    """An engine whose commits are durable and which waits for other writers instead of failing."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": _SQLITE_WAIT_MS / 1000})
    event.listen(engine, "connect", _tune_sqlite)
    return engine


@contextmanager
def storage_errors() -> Generator[None]:
    """Map a full disk and a lost database to errors of our tree.

    Raises:
        StorageFullError: the disk is full; nothing of the transaction was kept.
        UnavailableError: the database cannot be reached.
    """
    try:
        yield
    except OperationalError as error:
        if "disk is full" in str(error) or "No space left" in str(error):
            raise disk_full() from error
        raise UnavailableError(f"The database does not answer: {error.orig}.") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise UnavailableError(f"The connection to the database was lost: {error.orig}.") from error
        raise


def disk_full() -> StorageFullError:
    """What to tell a user whose disk is full."""
    return StorageFullError("The disk is full; nothing was changed. Free some space, then try again.")


def _tune_sqlite(connection: object, _: ConnectionPoolEntry) -> None:
    execute = connection.execute  # type: ignore[attr-defined]  # sqlite3.Connection behind SQLAlchemy's DBAPI type
    execute("PRAGMA journal_mode=WAL")
    execute("PRAGMA synchronous=FULL")
    execute("PRAGMA foreign_keys=ON")
    execute(f"PRAGMA busy_timeout={_SQLITE_WAIT_MS}")
