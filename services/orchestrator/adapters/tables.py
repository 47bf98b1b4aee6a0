"""The orchestrator's tables. A row's `seq` orders it in listings; ids are what the outside sees."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    true,
)

from services.orchestrator.domain.viewer import Viewer
from services.shared.kit.tables import SEQ, UtcTime

metadata = MetaData()

records = Table(
    "records",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(64), unique=True, nullable=False),
    Column("request_id", String(128), index=True),
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("principal", String(200), index=True),
    Column("collection", Text, nullable=False, index=True),
    Column("conversation", String(64), index=True),
    Column("level", String(16), nullable=False),
    Column("question", Text),
    Column("answer", Text),
    Column("model", Text),
    Column("finish_reason", String(32), nullable=False),
    Column("error_code", String(64)),
    Column("abstained", Boolean, nullable=False),
    Column("unsupported_claims", Integer, nullable=False),
    Column("rating", String(8)),
    Column("feedback", JSON(none_as_null=True)),
    Column("detail", JSON, nullable=False),  # what of a Record is no column
)

# Which documents a record's passages come from: by this a deletion finds the words of a document.
record_documents = Table(
    "record_documents",
    metadata,
    Column("record_seq", ForeignKey("records.seq", ondelete="CASCADE"), primary_key=True),
    Column("document_id", String(64), primary_key=True),
    Index("record_documents_by_document", "document_id"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(64), unique=True, nullable=False),
    Column("principal", String(200), index=True),
    Column("collection", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False, index=True),
)

# A turn of a conversation: OpenAI's response. Several may follow the same one.
responses = Table(
    "responses",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(64), unique=True, nullable=False),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("previous_id", String(64)),
    Column("created_at", UtcTime, nullable=False),
    Column("input", JSON, nullable=False),  # messages: role and text
    Column("output", Text, nullable=False),
    Column("body", JSON(none_as_null=True)),  # the response as it was sent; null: deleted, it only holds its place
)

# Which documents a turn's answer stands on.
response_documents = Table(
    "response_documents",
    metadata,
    Column("response_seq", ForeignKey("responses.seq", ondelete="CASCADE"), primary_key=True),
    Column("document_id", String(64), primary_key=True),
    Index("response_documents_by_document", "document_id"),
)

# Deleted documents: of answers that were asked for until then nothing with their words is kept.
forgotten_documents = Table(
    "forgotten_documents",
    metadata,
    Column("document_id", String(64), primary_key=True),
    Column("until", UtcTime, nullable=False, index=True),
)


def visible_to(viewer: Viewer, principal: Column[str]) -> ColumnElement[bool]:
    """The rows that the viewer may see, by the column that names whose they are.

    What is nobody's is no signed-in principal's: only the operator sees it, or who asks without a principal.
    """
    return true() if viewer.sees_all else principal.is_not_distinct_from(viewer.principal)


def storable(value: object) -> object:
    """The value as every database takes it: PostgreSQL has no NUL in texts."""
    return value.replace("\x00", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
