"""The inference service's tables. A row's `seq` orders it in listings; ids are what the outside sees."""

from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, MetaData, String, Table, Text

from services.shared.kit.tables import SEQ, UtcTime

metadata = MetaData()

requests = Table(
    "requests",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(64), unique=True, nullable=False),
    Column("request_id", String(128), index=True),
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("principal", String(200), index=True),
    Column("operation", String(32), nullable=False),
    Column("model", Text, nullable=False, index=True),
    Column("served_model", Text),
    Column("replica", Text),
    Column("streamed", Boolean, nullable=False),
    Column("slo_class", Text),
    Column("level", String(16), nullable=False),
    Column("finish_reason", String(32)),
    Column("error_code", String(64)),
    Column("flags", String(200), nullable=False),  # each with a comma before and behind it
    Column("figures", JSON, nullable=False),  # usage, timings and cost
    Column("content", LargeBinary, nullable=False),  # the rest of a LoggedRequest, packed
    Column("size_bytes", Integer, nullable=False),
)
