"""The tables of the service: approved definitions, calls that wait for approval, and the audit log."""

from sqlalchemy import JSON, Boolean, Column, Double, MetaData, String, Table

from services.shared.kit.tables import SEQ, UtcTime

metadata = MetaData()

definitions = Table(
    "tool_definitions",
    metadata,
    Column("tool", String(200), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("approved_by", String(200), nullable=False),
    Column("approved_at", UtcTime, nullable=False),
)

approvals = Table(
    "tool_approvals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("tool", String(200), nullable=False),
    Column("effect", String(20), nullable=False),
    Column("principal", String(200), nullable=False),
    Column("call_sha256", String(64), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("approved", Boolean, nullable=False),
)

calls = Table(
    "tool_calls",
    metadata,
    Column("seq", SEQ, primary_key=True),
    Column("id", String(64), nullable=False, index=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("request_id", String(128)),
    Column("principal", String(200)),
    Column("tool", String(200), nullable=False),
    Column("effect", String(20), nullable=False),
    Column("arguments_sha256", String(64), nullable=False),
    Column("outcome", String(60), nullable=False),
    Column("ms", Double, nullable=False),
)
