"""The table of web sessions, beside that of the keys. Blocking: call it from a thread."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Engine, LargeBinary, MetaData, String, Table, delete, insert, select

from services.gateway.domain.sessions import WebSession
from services.shared.kit.database import storage_errors

_metadata = MetaData()

_sessions = Table(
    "web_sessions",
    _metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("key_id", String(64), nullable=False),
    Column("expires_at", DateTime, nullable=False),  # UTC
)


@dataclass(frozen=True)
class SessionStore:
    """Sessions as rows: only the digest of a cookie is kept."""

    engine: Engine

    def prepare(self) -> None:
        """Make the table when it is not there."""
        with storage_errors():
            _metadata.create_all(self.engine)

    def add(self, session: WebSession, *, digest: bytes) -> None:
        """Keep a new session, and forget those that are over."""
        now = datetime.now(UTC).replace(tzinfo=None)
        row = {"key_id": session.key_id, "expires_at": session.expires_at.astimezone(UTC).replace(tzinfo=None)}
        with storage_errors(), self.engine.begin() as connection:
            connection.execute(delete(_sessions).where(_sessions.c.expires_at < now))
            connection.execute(insert(_sessions).values(digest=digest, **row))

    def find(self, digest: bytes) -> WebSession | None:
        """The session of a cookie, also when it is over."""
        with storage_errors(), self.engine.connect() as connection:
            row = connection.execute(select(_sessions).where(_sessions.c.digest == digest)).first()
        return None if row is None else WebSession(row.key_id, row.expires_at.replace(tzinfo=UTC))

    def remove(self, digest: bytes) -> None:
        """End a session."""
        with storage_errors(), self.engine.begin() as connection:
            connection.execute(delete(_sessions).where(_sessions.c.digest == digest))
