"""The table of API keys, in SQLite or PostgreSQL. Blocking: call it from a thread."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    insert,
    select,
    update,
)

from services.gateway.domain.keys import ApiKey, new_key_id
from services.gateway.domain.roles import Role
from services.gateway.errors import BootstrapKeyError, KeyNotFoundError
from services.shared.contracts.principals import OPERATOR
from services.shared.kit.database import storage_errors
from services.shared.kit.migrate import add_missing_columns

_metadata = MetaData()

_keys = Table(
    "api_keys",
    _metadata,
    Column("id", String(64), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("principal", String(200), nullable=False),
    Column("created_at", DateTime, nullable=False),  # UTC
    Column("revoked_at", DateTime),
    Column("role", String(20), nullable=False, server_default=Role.EDITOR.value),
)

_in_use = _keys.c.revoked_at.is_(None)


@dataclass(frozen=True)
class KeyStore:
    """Keys as rows; a key is never deleted, so that its id keeps its meaning in old logs."""

    engine: Engine

    def prepare(self) -> None:
        """Make the table when it is not there, or what a newer version added to it."""
        with storage_errors(), self.engine.begin() as connection:
            add_missing_columns(connection, _metadata)
            _metadata.create_all(connection)

    def keys_in_use(self) -> dict[bytes, ApiKey]:
        """The keys that open the door, by the digest of their secret."""
        with storage_errors(), self.engine.connect() as connection:
            rows = connection.execute(select(_keys).where(_in_use))
            return {row.digest: _api_key(row) for row in rows}

    def all_keys(self) -> list[ApiKey]:
        """Every key there ever was, oldest first."""
        with storage_errors(), self.engine.connect() as connection:
            return [_api_key(row) for row in connection.execute(select(_keys).order_by(_keys.c.created_at))]

    def add(self, key: ApiKey, *, digest: bytes) -> None:
        """Keep a new key.

        Raises:
            StorageFullError: the disk is full; the key does not exist.
        """
        with storage_errors(), self.engine.begin() as connection:
            connection.execute(insert(_keys).values(**_row(key), digest=digest))

    def revoke(self, key_id: str) -> None:
        """Close the door to a key.

        Raises:
            KeyNotFoundError: no key in use has the id.
            BootstrapKeyError: it is the operator's.
        """
        with storage_errors(), self.engine.begin() as connection:
            this = (_keys.c.id == key_id) & _in_use
            found = connection.execute(select(_keys.c.principal).where(this)).scalar()
            if found is None:
                raise KeyNotFoundError(key_id)
            if found == OPERATOR:
                raise BootstrapKeyError
            connection.execute(update(_keys).where(this).values(revoked_at=_now()))

    def set_operator_key(self, digest: bytes) -> None:
        """Make this the operator's one key; the one before it, if another, is revoked in the same transaction."""
        operators = (_keys.c.principal == OPERATOR) & _in_use
        with storage_errors(), self.engine.begin() as connection:
            connection.execute(update(_keys).where(operators & (_keys.c.digest != digest)).values(revoked_at=_now()))
            if connection.execute(select(_keys.c.id).where(operators)).first() is None:
                key = ApiKey(
                    id=new_key_id(),
                    name="operator",
                    principal=OPERATOR,
                    created_at=datetime.now(UTC),
                    role=Role.OPERATOR,
                )
                connection.execute(insert(_keys).values(**_row(key), digest=digest))


def _row(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "principal": key.principal,
        "created_at": key.created_at.astimezone(UTC).replace(tzinfo=None),
        "role": key.role.value,
    }


def _api_key(row: Row[tuple[object, ...]]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        principal=row.principal,
        created_at=row.created_at.replace(tzinfo=UTC),
        role=Role.OPERATOR if row.principal == OPERATOR else Role(row.role),
        revoked_at=row.revoked_at.replace(tzinfo=UTC) if row.revoked_at else None,
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
