"""Names and limits of an archive's members, and the one error about archives."""

import re
from dataclasses import dataclass

from services.shared.kit.errors import InvalidRequestError, PayloadTooLargeError

HEADER = "ragworks.json"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"

CHUNKS_PER_PART = 512
DOCUMENTS_PER_PART = 64

_PART = re.compile(r"(documents|chunks|vectors)/(\d{8})\.(?:jsonl|npz)")
_ORIGINAL = re.compile(r"originals/([0-9a-f]{2})/([0-9a-f]{64})")


@dataclass(frozen=True)
class Limits:
    """What an archive may take, in bytes."""

    archive: int
    original: int
    part: int = 128 * 1024 * 1024
    """A member that has to be in memory as a whole."""


class InvalidArchiveError(InvalidRequestError):
    """The file is no archive of a collection, or not as it was written."""

    default_code = "invalid_archive"


def original_name(sha256: str) -> str:
    """The member with the bytes of this hash."""
    return f"originals/{sha256[:2]}/{sha256}"


def part_name(kind: str, number: int) -> str:
    """The member with a part of the documents, chunks or vectors."""
    return f"{kind}/{number:08d}.{'npz' if kind == 'vectors' else 'jsonl'}"


def original_of(name: str) -> str | None:
    """The hash of the bytes in a member; None when it is no original."""
    match = _ORIGINAL.fullmatch(name)
    return match[2] if match and match[2].startswith(match[1]) else None


def part_of(name: str) -> tuple[str, int] | None:
    """Kind and number of a part; None when the member is none."""
    match = _PART.fullmatch(name)
    if match is None or name != part_name(match[1], int(match[2])):
        return None
    return match[1], int(match[2])


def sums_line(digest: str, name: str) -> bytes:
    """A line of the checksums, as sha256sum writes it."""
    return f"{digest}  {name}\n".encode("ascii")


def over_limit(what: str, size: int, limit: int, setting: str) -> PayloadTooLargeError:
    """What to tell whose archive is too large."""
    return PayloadTooLargeError(
        f"{what} has {size:,} bytes, more than the limit of {limit:,}; raise {setting}, or import less.",
        code="archive_too_large",
    )
