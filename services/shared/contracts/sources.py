"""Sources that collections are kept in step with, and the syncs that do it, as the corpus service shows them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.shared.contracts.corpus import FailureReason, Principal
from services.shared.contracts.frozen import Frozen

SourceName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
Glob = Annotated[str, Field(min_length=1, max_length=512)]
SHORTEST_INTERVAL_S = 60


class FolderSource(Frozen):
    """Files below a folder of the machine that the ingest worker runs on."""

    kind: Literal["folder"] = "folder"
    path: str = Field(min_length=1, max_length=4096, description="Absolute path of the folder.")


class WebSource(Frozen):
    """Pages of one web site, as its sitemap names them; without a sitemap, as its pages link to each other."""

    kind: Literal["web"] = "web"
    url: str = Field(pattern=r"^https?://[^\s]+$", max_length=2048, description="Where the site begins.")
    max_pages: int = Field(default=1_000, ge=1, le=100_000, description="No more pages than these.")
    max_depth: int = Field(default=5, ge=0, le=50, description="Links to follow from the first page.")


class GitSource(Frozen):
    """The files of one branch of a Git repository."""

    kind: Literal["git"] = "git"
    url: str = Field(min_length=1, max_length=2048, description="URL, or absolute path, of the repository.")
    branch: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$", description="None: its default.")


class BucketSource(Frozen):
    """Objects below a URL that fsspec reads, such as `s3://bucket/prefix`."""

    kind: Literal["bucket"] = "bucket"
    url: str = Field(pattern=r"^[a-z0-9]+://[^\s]+$", max_length=2048)
    endpoint_url: str | None = Field(
        default=None, pattern=r"^https?://[^\s]+$", description="Of an S3-compatible store that is not Amazon's."
    )
    anonymous: bool = Field(default=False, description="Ask without credentials.")


class FilesSource(Frozen):
    """Files that were uploaded to `/v1/files`."""

    kind: Literal["files"] = "files"
    file_ids: list[str] = Field(min_length=1, max_length=10_000)


class ConnectorSource(Frozen):
    """What a declared connector's sync tells: documents that are new, changed, or gone."""

    kind: Literal["connector"] = "connector"
    connector: str = Field(
        pattern=r"^[a-z][a-z0-9_-]{0,39}$", description="Its name in the file that declares connectors."
    )
    full_every_seconds: int | None = Field(
        default=None,
        ge=SHORTEST_INTERVAL_S,
        description="Read everything again when that was not done for so long; finds deletions that are not reported.",
    )


ListedSource = FolderSource | WebSource | GitSource | BucketSource | FilesSource
"""What is listed at each sync, and fetched item by item."""

SourceConfig = Annotated[ListedSource | ConnectorSource, Field(discriminator="kind")]


class Schedule(Frozen):
    """When a source is synced by itself: one of the two."""

    every_seconds: int | None = Field(default=None, ge=SHORTEST_INTERVAL_S)
    cron: str | None = Field(default=None, max_length=128, description="Five fields, in UTC.")

    @model_validator(mode="after")
    def _one_of_them(self) -> "Schedule":
        if (self.every_seconds is None) == (self.cron is None):
            raise ValueError("give either 'every_seconds' or 'cron'")
        return self


class CreateSource(Frozen):
    """Declare a source of a collection; nothing is read before its first sync."""

    name: SourceName
    collection: str
    config: SourceConfig
    include: list[Glob] = Field(default_factory=list, max_length=100)
    exclude: list[Glob] = Field(default_factory=list, max_length=100)
    schedule: Schedule | None = None
    access: list[Principal] | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Principals who may read what its syncs ingest; everyone with an API key when left out.",
    )
    attributes: dict[str, str | float | bool] = Field(
        default_factory=dict, max_length=64, description="Attributes of all documents that its syncs ingest."
    )


class UpdateSource(Frozen):
    """Change what is given; the next sync goes by it. `schedule: null` ends the schedule."""

    config: SourceConfig | None = None
    include: list[Glob] | None = Field(default=None, max_length=100)
    exclude: list[Glob] | None = Field(default=None, max_length=100)
    schedule: Schedule | None = None


class ItemStatus(StrEnum):
    """Where an item of a source stands."""

    SYNCED = "synced"
    FAILED = "failed"


class SyncStatus(StrEnum):
    """Where a sync stands; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SyncStage(StrEnum):
    """What a sync is at; each stage is done when the next begins."""

    LIST = "list"
    COMPARE = "compare"
    FETCH = "fetch"
    INGEST = "ingest"
    DELETE = "delete"
    END = "end"


class Change(StrEnum):
    """What a sync does about an item."""

    ADD = "add"
    UPDATE = "update"
    RENAME = "rename"
    DELETE = "delete"
    UNCHANGED = "unchanged"


class Source(Frozen):
    """A declared source."""

    id: str
    name: str
    collection: str
    config: SourceConfig
    include: list[str]
    exclude: list[str]
    schedule: Schedule | None
    attributes: dict[str, str | float | bool] = Field(default_factory=dict)
    created_at: datetime
    next_sync_at: datetime | None = Field(description="When its schedule is due.")
    items: int = 0
    failed_items: int = 0
    last_sync: str | None = Field(default=None, description="Id of the newest sync that is not a plan.")


class SourceItem(Frozen):
    """One item of a source as its last sync left it."""

    id: str = Field(description="Its place in a listing.")
    key: str
    source: str = Field(description="Name of the document it becomes.")
    status: ItemStatus
    bytes: int | None
    sha256: str | None
    synced_at: datetime
    reason: FailureReason | None = Field(default=None, description="Why it failed; the next sync tries again.")


class SyncPlan(Frozen):
    """What a sync is to do, and what that is likely to take."""

    adds: int
    updates: int
    renames: int
    deletes: int
    unchanged: int
    unlisted: int = Field(description="Items that the listing could not tell enough about.")
    bytes: int = Field(description="To be fetched, as far as the listing knows sizes.")
    chunks: int = Field(description="Estimate of the chunks to be embedded.")
    chunks_from: Literal["this kind of file", "this collection", "this platform", "a guess"]
    tokens_at_most: int
    seconds: float | None = Field(description="At the rate of past jobs; None when there are none to go by.")
    price: float | None = Field(description="Of the tokens at most; None when no price is set.")
    needs_confirmation: str | None = Field(default=None, description="Why it stops unless deletions are allowed.")


class Sync(Frozen):
    """One run over a source, or, when `dry_run`, the plan of one."""

    id: str
    source: str
    collection: str
    dry_run: bool
    allow_deletes: bool
    status: SyncStatus
    stage: SyncStage
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    listed: int
    plan: SyncPlan | None = None
    fetched: int = 0
    ingested: int = 0
    unchanged: int = 0
    renamed: int = 0
    deleted: int = 0
    failed: int = 0
    pending: int = 0
    jobs: list[str] = Field(default_factory=list)
    eta_seconds: float | None = None
    code: str | None = Field(default=None, description="Stable word for why it failed.")
    error: str | None = None


class StartSync(Frozen):
    """Begin a sync."""

    allow_deletes: bool = Field(default=False, description="Delete even most of what the source had.")
    full: bool = Field(default=False, description="Of a connector: read everything, not what changed since last time.")


class SyncChange(Frozen):
    """What a sync does about one item; kept until the source's next sync or plan."""

    id: str
    key: str
    change: Change
    bytes: int | None
    former_key: str | None = Field(default=None, description="What a renamed item was called.")
    reason: FailureReason | None = None
