"""What a sync says, in order. What came before a `Checkpoint` is done and is not asked for again."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Upsert:
    """A document that is new or changed. `access`: who may read it; nobody when left empty."""

    key: str
    title: str
    source: str
    content: bytes
    media_type: str = "text/plain"
    access: tuple[str, ...] = ()
    attributes: dict[str, str | float | bool] = field(default_factory=dict[str, str | float | bool])


@dataclass(frozen=True)
class Delete:
    """A document that is not there any more."""

    key: str


@dataclass(frozen=True)
class Failure:
    """A document that could not be read, and why; the others go on."""

    key: str
    code: str
    message: str


@dataclass(frozen=True)
class Checkpoint:
    """From here a later sync goes on, with this cursor."""

    cursor: str


SyncEvent = Upsert | Delete | Failure | Checkpoint
