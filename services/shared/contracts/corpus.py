"""Collections, documents and ingest jobs as the corpus service shows them."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from services.shared.contracts.chunking import Chunking, ChunkingChoice, ChunkPreview
from services.shared.contracts.deduplication import Deduplication
from services.shared.contracts.frozen import Frozen
from services.shared.contracts.metadata import MetadataSchema

COLLECTION_NAME_CHARS = 63
COLLECTION_NAME = r"^[a-z0-9][a-z0-9._-]{0,62}$"
UPLOAD_FORM_BYTES = 128 * 1024
"""What the form around an uploaded file may take."""

Principal = Annotated[str, Field(pattern=r"^[^\s/\\%?#]{1,200}$")]
"""Whom requests stand for, as `/api/keys` names them (`key:...`); in access lists, `everyone` is who has a key."""

CANCELLED = "cancelled"
"""The code of a document's failure that means: its job was cancelled before it was begun."""


def _collection_name(name: str) -> str:
    if not re.fullmatch(COLLECTION_NAME, name):
        raise PydanticCustomError(
            "collection_name",
            "use at most 63 lower-case letters, digits, dots, dashes and underscores, a letter or digit first",
        )
    return name


class DocumentStatus(StrEnum):
    """Where a document of a job stands."""

    PENDING = "pending"
    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class JobStatus(StrEnum):
    """Where a job stands; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Collection(Frozen):
    """A named, searchable set of chunks; the OpenAI API calls it a vector store."""

    id: str = Field(description="`vs_...`, stable.")
    name: str
    created_at: datetime
    embedding_model: str
    dimensions: int
    attributes: dict[str, str] = Field(default_factory=dict)
    chunking: Chunking | None = Field(default=None, description="None: the platform's settings, as they are now.")
    deduplication: Deduplication = Deduplication()
    parsers: dict[str, str] = Field(default_factory=dict, description="Parsers chosen for media types, by name.")
    metadata_schema: MetadataSchema | None = Field(default=None, description="None: documents may have any attributes.")
    version: int = Field(default=1, description="Which of its versions this is.")
    version_of: str | None = Field(default=None, description="Id of the collection that this is another version of.")
    index: str = Field(description="The physical index; read together with the model, it is never another's.")
    seed: str = Field(default="", description="What ids of its documents are made from.")

    @property
    def family(self) -> str:
        """The name of the collection that this is a version of, which may be itself."""
        return self.name if self.version_of is None else self.name.rsplit(".v", maxsplit=1)[0]


class CountedCollection(Collection):
    """A collection and how much is in it now; counting reads a row of every document."""

    documents: int
    failed_documents: int
    chunks: int
    bytes: int


class CreateCollection(Frozen):
    """Make a collection."""

    name: Annotated[str, AfterValidator(_collection_name)]
    attributes: dict[str, str] = Field(default_factory=dict)
    chunking: ChunkingChoice | None = None
    deduplication: Deduplication = Deduplication()
    parsers: dict[str, str] = Field(
        default_factory=dict, max_length=64, description="Names of parsers by media type, as `/api/parsers` lists them."
    )
    metadata_schema: MetadataSchema | None = None


class FailureReason(Frozen):
    """Why a document could not be ingested, in words its owner understands."""

    stage: str = Field(description="fetch, parse, chunk, embed or index.")
    code: str = Field(description="Stable: encrypted, empty, unsupported_type, too_large, truncated, timeout ...")
    message: str


class PreviewOutcome(Frozen):
    """What the ingest worker answers about a file: one of the two."""

    preview: ChunkPreview | None = None
    failure: FailureReason | None = None


class Document(Frozen):
    """A document of a collection, as it is searchable now."""

    id: str
    collection: str
    source: str
    title: str
    version: str
    media_type: str
    language: str | None = Field(default=None, description="ISO 639 code; None when it has too little prose to tell.")
    bytes: int
    chunks: int
    file_id: str | None
    ingested_at: datetime
    attributes: dict[str, str | float | bool] = Field(default_factory=dict)
    copy_of: str | None = Field(
        default=None, description="The document with the same content whose chunks searches find, for this one too."
    )
    warnings: list[str] = Field(default_factory=list[str], description="What of it could not be read, in sentences.")


class PlannedDocument(Frozen):
    """A document a client holds: enough to tell whether its bytes are needed."""

    source: str = Field(min_length=1, max_length=4096)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class PlanRequest(Frozen):
    """Which of these does the collection lack?"""

    collection: str
    documents: list[PlannedDocument] = Field(max_length=10_000)


class PlanResponse(Frozen):
    """What an ingest would do; only `added` and `changed` need their bytes sent."""

    added: list[str]
    changed: list[str]
    unchanged: list[str]


class JobDocument(Frozen):
    """One document of a job: an uploaded file under its source name."""

    file_id: str
    source: str = Field(min_length=1, max_length=4096)
    attributes: dict[str, str | float | bool] = Field(default_factory=dict)


class CreateJob(Frozen):
    """Ingest uploaded files into a collection."""

    collection: str
    documents: list[JobDocument] = Field(min_length=1, max_length=10_000)
    access: list[Principal] | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Principals who may read the documents; everyone with an API key when left out.",
    )


class JobFailure(Frozen):
    """A document a job could not ingest."""

    source: str
    reason: FailureReason


class DocumentProgress(Frozen):
    """One document of a job, and how far its ingest is."""

    position: int = Field(description="Its place in the job; `after` and `before` of a listing take it.")
    document_id: str
    file_id: str
    source: str
    status: DocumentStatus
    chunks: int = 0
    bytes: int = 0
    attributes: dict[str, str | float | bool] = Field(default_factory=dict)
    reason: FailureReason | None = Field(default=None, description="Why it failed.")


class Job(Frozen):
    """An ingest job: counts add up to `total` when it has ended."""

    id: str
    collection: str
    status: JobStatus
    created_at: datetime
    finished_at: datetime | None = None
    total: int
    done: int = 0
    unchanged: int = 0
    failed: int = 0
    chunks: int = 0
    failures: list[JobFailure] = Field(default_factory=list[JobFailure], description="The first hundred.")
    seconds_by_stage: dict[str, float] = Field(default_factory=dict, description="parse, chunk, embed, index.")
    counts_by_stage: dict[str, int] = Field(
        default_factory=dict, description="Documents parsed; chunks cut, embedded or taken over, indexed."
    )
    eta_seconds: float | None = None
    error: str | None = Field(default=None, description="Why it failed, or what it waits for.")
