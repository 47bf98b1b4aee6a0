"""What a sync says, in order. What came before a `Checkpoint` is done and is not asked for again."""

from dataclasses import dataclass, field
from enum import StrEnum


class Deletes(StrEnum):
    """How a sync tells that a document is not there any more."""

    REPORTED = "reported"
    """By `Delete`, and by leaving it out of a pull without a cursor."""
    ABSENT = "absent"
    """By leaving it out of a pull without a cursor; a pull from a cursor does not notice."""
    NEVER = "never"
    """Not at all: what was ingested stays."""


@dataclass(frozen=True)
class SyncTraits:
    """What can be expected of a connector's sync.

    `incremental`: `pull` goes on from a cursor, instead of saying everything each time. `permissions`: each document
    says who may read it; one that does not is for nobody.
    """

    incremental: bool = True
    deletes: Deletes = Deletes.NEVER
    permissions: bool = False


@dataclass(frozen=True)
class Upsert:
    """A document that is new or changed.

    `key` is its lasting name in the outside system, `source` what it is cited as (an address, if it has one).
    `access`: who may read it, where the sync's traits say that it knows; nobody when left empty.
    """

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
