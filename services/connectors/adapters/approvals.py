"""What operators approved: definitions of tools, and single calls."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from services.connectors.adapters.tables import approvals, definitions
from services.shared.contracts.tools import ApprovalView, Effect
from services.shared.kit.store import Store


class Approvals:
    """Kept in the database, so that they outlive a restart."""

    def __init__(self, store: Store, *, lasts: timedelta) -> None:
        self._store = store
        self.lasts = lasts

    async def approved_digest(self, tool: str) -> str | None:
        """The definition that an operator approved."""
        query = select(definitions.c.digest).where(definitions.c.tool == tool)
        return await self._store.read(lambda connection: connection.execute(query).scalar())

    async def approve_definition(self, tool: str, digest: str, *, by: str) -> None:
        """From now on this definition may be called, and no other."""

        def change(connection: Connection) -> None:
            connection.execute(delete(definitions).where(definitions.c.tool == tool))
            row = {"tool": tool, "digest": digest, "approved_by": by, "approved_at": datetime.now(UTC)}
            connection.execute(insert(definitions).values(**row))

        await self._store.write(change)

    async def ask(
        self, tool: str, effect: Effect, *, principal: str, arguments: Mapping[str, Any], call_sha256: str
    ) -> str:
        """Lets a call wait; the id under which it does, which is the same when it is asked for again."""
        now = datetime.now(UTC)
        same = select(approvals.c.id).where(*_of(call_sha256, principal))
        row = {
            "id": f"apr_{token_hex(8)}",
            "tool": tool,
            "effect": effect.value,
            "principal": principal,
            "call_sha256": call_sha256,
            "arguments": dict(arguments),
            "expires_at": now + self.lasts,
            "approved": False,
        }

        def change(connection: Connection) -> str:
            connection.execute(delete(approvals).where(approvals.c.expires_at < now))
            waiting = connection.execute(same).scalar()
            if waiting is None:
                connection.execute(insert(approvals).values(**row))
            return str(waiting or row["id"])

        return await self._store.write(change)

    async def waiting(self) -> list[ApprovalView]:
        """All that have not expired."""
        query = select(approvals).where(approvals.c.expires_at >= datetime.now(UTC)).order_by(approvals.c.expires_at)
        return await self._store.read(lambda connection: [_view(row) for row in connection.execute(query)])

    async def approve(self, approval_id: str) -> bool:
        """Lets a call be made; whether there was one."""
        change = (
            update(approvals)
            .where((approvals.c.id == approval_id) & (approvals.c.expires_at >= datetime.now(UTC)))
            .values(approved=True)
        )
        return await self._store.write(lambda connection: connection.execute(change).rowcount == 1)

    async def use(self, approval_id: str | None, *, call_sha256: str, principal: str) -> bool:
        """Whether this very call may be made, under this approval or, without an id, any; it may be made once."""
        fits = [*_of(call_sha256, principal), approvals.c.approved.is_(True)]
        if approval_id is not None:
            fits.append(approvals.c.id == approval_id)
        change = delete(approvals).where(*fits)
        return await self._store.write(lambda connection: connection.execute(change).rowcount > 0)


def _of(call_sha256: str, principal: str) -> list[ColumnElement[bool]]:
    """Approvals of this call that have not expired."""
    now = datetime.now(UTC)
    return [approvals.c.call_sha256 == call_sha256, approvals.c.principal == principal, approvals.c.expires_at >= now]


def _view(row: Row[Any]) -> ApprovalView:
    return ApprovalView(
        id=row.id,
        tool=row.tool,
        effect=Effect(row.effect),
        arguments=row.arguments,
        principal=row.principal,
        expires_at=row.expires_at,
        approved=row.approved,
    )
