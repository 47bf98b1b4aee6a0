"""Reads an archive as its bytes come in, and checks all that can be checked without a ledger.

What it hands out may still turn out to be part of a damaged archive: only `close` says that all of it is as it was
written. Nothing may become visible before.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from services.shared.components.archives import members
from services.shared.components.archives.layout import (
    HEADER,
    MANIFEST,
    SUMS,
    InvalidArchiveError,
    Limits,
    original_of,
    over_limit,
    part_of,
    sums_line,
)
from services.shared.contracts.archives import ARCHIVE_FORMAT, ARCHIVE_VERSION, ArchiveHeader, ArchiveManifest

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class OriginalBegins:
    """The bytes of documents follow, `size` of them."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class OriginalPiece:
    """Some of them."""

    data: bytes


@dataclass(frozen=True, slots=True)
class OriginalEnds:
    """They are complete, and have the hash they are named by."""

    sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the `documents`, `chunks` or `vectors`."""

    kind: str
    content: bytes


Found = ArchiveHeader | OriginalBegins | OriginalPiece | OriginalEnds | Part | ArchiveManifest


class ArchiveReader:
    """Turns the bytes of an archive into what they hold; `read` counts them."""

    def __init__(self, limits: Limits) -> None:
        self.read = 0
        self._limits = limits
        self._stream = members.TarStream()
        self._sums = hashlib.sha256()
        self._numbers: dict[str, int] = {"documents": 0, "chunks": 0, "vectors": 0}
        self._before = ""
        self._original: str | None = None
        self._content = bytearray()

    def feed(self, data: bytes) -> Iterator[Found]:
        """What these bytes bring.

        Raises:
            InvalidArchiveError: they cannot be of an archive as it was exported.
            PayloadTooLargeError: it is over the limits.
        """
        self.read += len(data)
        if self.read > self._limits.archive:
            raise over_limit("The archive", self.read, self._limits.archive, "RAGWORKS_IMPORT_MAX_BYTES")
        for event in self._stream.feed(data):
            match event:
                case members.Begin():
                    yield from self._begin(event)
                case members.Piece():
                    yield from self._piece(event)
                case members.End():
                    yield from self._end(event)

    def close(self) -> None:
        """Say that no more bytes come: returns when the archive was complete, and every checksum right.

        Raises:
            InvalidArchiveError: it was not.
        """
        self._stream.close()
        if self._before != SUMS:
            raise InvalidArchiveError(
                f"The archive has no {SUMS} at its end; it was not exported completely.", code="archive_truncated"
            )

    def _begin(self, member: members.Begin) -> Iterator[Found]:
        self._check_order(member.name)
        self._original = original_of(member.name)
        self._content.clear()
        if self._original is None:
            if member.name != SUMS and member.size > self._limits.part:
                raise over_limit(f"The member {member.name}", member.size, self._limits.part, "its limit")
            return
        if member.size > self._limits.original:
            raise over_limit("An original", member.size, self._limits.original, "RAGWORKS_MAX_FILE_BYTES")
        yield OriginalBegins(self._original, member.size)

    def _piece(self, event: members.Piece) -> Iterator[Found]:
        if self._original is not None:
            yield OriginalPiece(event.data)
        elif self._before != MANIFEST:
            self._content += event.data

    def _end(self, member: members.End) -> Iterator[Found]:
        if self._original is not None and self._original != member.sha256:
            raise _damaged(member.name)
        if member.name == SUMS:
            if member.sha256 != self._sums.hexdigest():
                raise _damaged(SUMS)
        else:
            self._sums.update(sums_line(member.sha256, member.name))
        self._before = member.name
        yield from self._found(member)

    def _found(self, member: members.End) -> Iterator[Found]:
        part = part_of(member.name)
        if self._original is not None:
            yield OriginalEnds(self._original)
        elif member.name == HEADER:
            yield read_header(bytes(self._content))
        elif member.name == MANIFEST:
            yield _parsed(ArchiveManifest, bytes(self._content), MANIFEST)
        elif part is not None:
            yield Part(part[0], bytes(self._content))

    def _check_order(self, name: str) -> None:
        """Members come in the order in which they were written: what is missing, or was slipped in, is noticed."""
        part = part_of(name)
        known = name in {HEADER, MANIFEST, SUMS} or part is not None or original_of(name) is not None
        if not known:
            raise InvalidArchiveError(f"The member {name[:200]!r} has no place in the archive of a collection.")
        if part is not None:
            self._numbers[part[0]] += 1
        expected = {"": {HEADER}, MANIFEST: {SUMS}, SUMS: set[str]()}.get(self._before)
        before = part_of(self._before)
        vectors = (before is not None and before[0] == "chunks") == (part is not None and part[0] == "vectors")
        in_turn = part is None or part[1] == self._numbers[part[0]]
        alone = name not in {HEADER, SUMS} if expected is None else name in expected
        if not (vectors and in_turn and alone):
            raise InvalidArchiveError(
                f"The member {name} of the archive is not where it was written; archives cannot be packed anew."
            )


def read_header(content: bytes) -> ArchiveHeader:
    """What the archive says of itself.

    Raises:
        InvalidArchiveError: it is in a format that this release does not know.
    """
    try:
        raw = orjson.loads(content)
        format_, version = raw["format"], raw["format_version"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise InvalidArchiveError(f"The archive's {HEADER} cannot be read.") from error
    if format_ != ARCHIVE_FORMAT or version != ARCHIVE_VERSION:
        raise InvalidArchiveError(
            f"The archive is in version {version!r} of the format {format_!r}; this release reads version "
            f"{ARCHIVE_VERSION} of '{ARCHIVE_FORMAT}'. Import it with the release that wrote it, or a newer one.",
            code="unknown_archive_version",
        )
    return _parsed(ArchiveHeader, content, HEADER)


def _parsed(model: type[T], content: bytes, name: str) -> T:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(each) for each in first["loc"])
        raise InvalidArchiveError(f"The archive's {name} cannot be read: {place}: {first['msg']}.") from error


def _damaged(name: str) -> InvalidArchiveError:
    return InvalidArchiveError(
        f"The checksum of {name} is wrong: the archive was damaged or changed after it was exported.",
        code="archive_damaged",
    )
