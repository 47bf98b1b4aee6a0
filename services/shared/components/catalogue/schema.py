"""The tables of the ledger. A row's `seq` orders it in listings; ids are what the outside sees."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from services.shared.kit.tables import SEQ, UtcTime

metadata = MetaData()

collections = Table(
    "collections",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(64), unique=True, nullable=False),
    Column("name", String(64), unique=True, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("embedding_model", Text, nullable=False),
    Column("dimensions", Integer, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("deleting", Boolean, nullable=False, default=False),
    Column("parsers", JSON(none_as_null=True)),  # names by media type; null: the platform's own
    Column("metadata_schema", JSON(none_as_null=True)),  # null: documents may have any attributes
    Column("chunking", JSON(none_as_null=True)),  # null: as the platform's settings say
    Column("deduplication", JSON(none_as_null=True)),  # null: what `Deduplication` has by default
    # Versions: a twin is a collection that holds another version of the one that `version_of` names.
    Column("version_of", String(64), index=True),
    Column("version", Integer),  # null: 1
    Column("seed", String(64)),  # what ids of documents are made from; null: the collection's own id
    Column("index_name", Text),  # the physical index; null: the one made with the collection
    Column("switch_to", String(64)),  # id of the twin to become the active version as soon as it is complete
    Column("previous", String(64)),  # id of the twin that was the active version before
    Column("alias_behind", Boolean),  # the index's alias may still name another version
    # Being imported: it counts as being deleted until it is complete, but is not removed before this time.
    Column("importing_until", UtcTime),
)

blobs = Table("blobs", metadata, Column("sha256", String(64), primary_key=True))

files = Table(
    "files",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(64), unique=True, nullable=False),
    Column("sha256", ForeignKey("blobs.sha256"), nullable=False, index=True),
    Column("bytes", BigInteger, nullable=False),
    Column("filename", Text, nullable=False),
    Column("purpose", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(64), unique=True, nullable=False),
    Column("collection_id", ForeignKey("collections.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("source", Text, nullable=False),
    # The version that is searchable; all null until a first one is.
    Column("version", String(64), index=True),
    Column("title", Text),
    Column("media_type", Text),
    Column("language", String(8)),
    Column("bytes", BigInteger),
    Column("chunks", Integer),
    Column("file_id", String(64), index=True),
    Column("access", JSON),
    Column("attributes", JSON),
    Column("ingested_at", UtcTime),
    Column("warnings", JSON(none_as_null=True)),  # what of it could not be read; null: nothing
    # The document whose chunks stand for this one, too, as its content is the same; null: it has its own.
    Column("copy_of", String(64), index=True),
    # The last attempt to ingest it.
    Column("attempt_job_id", String(64), nullable=False),
    Column("attempt_file_id", String(64), nullable=False, index=True),
    Column("attempt_status", String(16), nullable=False),
    Column("attempt_stage", String(32)),
    Column("attempt_code", String(64)),
    Column("attempt_message", Text),
    Column("attempted_at", UtcTime, nullable=False),
    # Points of another version may still be in the index.
    Column("stale", Boolean, nullable=False, default=False),
    # Gone for every reader; the row waits until no running job can write points of it any more.
    Column("deleting", Boolean, nullable=False, default=False),
    Index("documents_by_version", "collection_id", "version"),
    Index("documents_by_source", "collection_id", "source"),
)

# By which almost equal documents are found; of the version it names.
signatures = Table(
    "signatures",
    metadata,
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(64), unique=True, nullable=False),
    Column("collection_id", String(64), nullable=False, index=True),
    Column("collection", String(64), nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("stop", String(32)),
    Column("access", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("error", Text),
    Column("total", Integer, nullable=False),
    Column("parse_s", Double, nullable=False, default=0.0),
    Column("chunk_s", Double, nullable=False, default=0.0),
    Column("embed_s", Double, nullable=False, default=0.0),
    Column("index_s", Double, nullable=False, default=0.0),
    Column("parse_n", Integer),  # documents
    Column("chunk_n", Integer),  # chunks, as the next two
    Column("embed_n", Integer),
    Column("index_n", Integer),
)

job_documents = Table(
    "job_documents",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("document_id", String(64), nullable=False, index=True),
    Column("file_id", String(64), nullable=False),
    Column("source", Text, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("chunks", Integer, nullable=False, default=0),
    Column("stage", String(32)),
    Column("code", String(64)),
    Column("message", Text),
    Column("version", String(64)),  # the bytes that were ingested; their file may be gone
    Column("settled_at", UtcTime),
    Index("job_documents_by_status", "job_id", "status"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(64), unique=True, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("issued_at", UtcTime, index=True),
    Column("body", JSON, nullable=False),  # a Receipt, without its signature
    Column("signature", Text),
)

sources = Table(
    "sources",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(64), unique=True, nullable=False),
    Column("name", String(64), unique=True, nullable=False),
    Column("collection_id", ForeignKey("collections.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("config", JSON, nullable=False),
    Column("include", JSON, nullable=False),
    Column("exclude", JSON, nullable=False),
    Column("schedule", JSON(none_as_null=True)),
    Column("next_sync_at", UtcTime, index=True),
    Column("access", JSON, nullable=False),
    Column("attributes", JSON(none_as_null=True)),  # of what its syncs ingest; null: none
    Column("created_at", UtcTime, nullable=False),
    Column("declared_by", Text),  # the principal; null: unknown
    Column("cursor", Text),  # where the next sync goes on, of a source that tells what changed
    Column("full_at", UtcTime),  # when such a source last told everything
)

source_items = Table(
    "source_items",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False),
    # The document's name: its id changes when the collection switches to another version.
    Column("source", Text, nullable=False, index=True),
    Column("fingerprint", Text),  # null: only a fetch tells whether it changed
    Column("size", BigInteger),
    Column("state", JSON(none_as_null=True)),  # what the source's reader wants back at the next sync
    Column("sha256", String(64)),
    Column("status", String(16), nullable=False),
    Column("stage", String(32)),
    Column("code", String(64)),
    Column("message", Text),
    Column("synced_at", UtcTime, nullable=False),
    UniqueConstraint("source_id", "key"),
)

syncs = Table(
    "syncs",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(64), unique=True, nullable=False),
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("dry_run", Boolean, nullable=False),
    Column("allow_deletes", Boolean, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("stage", String(16), nullable=False),
    Column("cancelling", Boolean, nullable=False, default=False),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("listed", Integer, nullable=False, default=0),
    Column("whole", Boolean, nullable=False, default=True),  # the listing left nothing out: what it lacks is gone
    Column("from_start", Boolean, nullable=False, default=False, server_default="0"),  # no cursor is used
    Column("cursor", Text),  # up to here what changed is noted
    Column("interrupted", JSON(none_as_null=True)),  # why what changed after the cursor was not told
    Column("plan", JSON(none_as_null=True)),
    Column("counts", JSON(none_as_null=True)),  # once it has ended
    Column("jobs", JSON, nullable=False),
    Column("code", String(64)),
    Column("error", Text),
)

# What a sync found and does about it; the rows of a source's last sync stay until the next begins.
sync_items = Table(
    "sync_items",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("sync_id", ForeignKey("syncs.id", ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False),
    Column("source", Text, nullable=False),  # the document's name
    Column("filename", Text, nullable=False),
    Column("fingerprint", Text),
    Column("size", BigInteger),
    Column("state", JSON(none_as_null=True)),
    Column("change", String(16)),
    Column("status", String(16), nullable=False),
    Column("access", JSON(none_as_null=True)),  # null: the source's
    Column("attributes", JSON(none_as_null=True)),  # beside the source's
    Column("former_key", Text),
    Column("sha256", String(64)),
    Column("file_id", String(64), index=True),
    Column("job_id", String(64)),
    Column("stage", String(32)),
    Column("code", String(64)),
    Column("message", Text),
    UniqueConstraint("sync_id", "key"),
    Index("sync_items_by_status", "sync_id", "status", "change"),
)
