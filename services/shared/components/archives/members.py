"""A tar as a stream of members: nothing but plain files, read as the bytes come in."""

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from services.shared.components.archives.layout import InvalidArchiveError

_BLOCK = tarfile.BLOCKSIZE
_TRUNCATED = "The archive breaks off before its end; it was not copied or exported completely."


@dataclass(frozen=True, slots=True)
class Begin:
    """A member begins."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of the member that has begun."""

    data: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The member is complete; its SHA-256, hex."""

    name: str
    sha256: str


Event = Begin | Piece | End


class TarStream:
    """Turns the bytes of a tar into events; it holds no more than what a call brings."""

    def __init__(self) -> None:
        self._waiting = b""
        self._member: Begin | None = None
        self._left = 0
        self._digest = hashlib.sha256()
        self._padding = 0
        self._ended = False

    def feed(self, data: bytes) -> Iterator[Event]:
        """What these bytes bring.

        Raises:
            InvalidArchiveError: it is no tar, or holds something else than files.
        """
        waiting = self._waiting + data if self._waiting else data
        position = 0
        while True:
            position += self._skip_padding(len(waiting) - position)
            if self._member is not None:
                piece = waiting[position : position + self._left]
                position += len(piece)
                yield from self._content(piece)
                if self._left:
                    break
            elif len(waiting) - position >= _BLOCK:
                header = waiting[position : position + _BLOCK]
                position += _BLOCK
                yield from self._header(header)
            else:
                break
        self._waiting = waiting[position:]

    def close(self) -> None:
        """Say that no more bytes come.

        Raises:
            InvalidArchiveError: the end of the archive is missing.
        """
        if not self._ended or self._member is not None or self._waiting.strip(b"\0"):
            raise InvalidArchiveError(_TRUNCATED, code="archive_truncated")

    def _skip_padding(self, available: int) -> int:
        skipped = min(self._padding, available)
        self._padding -= skipped
        return skipped

    def _content(self, piece: bytes) -> Iterator[Event]:
        member = self._member
        if member is None:
            return
        self._left -= len(piece)
        if piece:
            self._digest.update(piece)
            yield Piece(piece)
        if not self._left:
            self._member = None
            self._padding = -member.size % _BLOCK
            yield End(member.name, self._digest.hexdigest())

    def _header(self, block: bytes) -> Iterator[Event]:
        if not block.strip(b"\0"):
            self._ended = True
            return
        if self._ended:
            raise InvalidArchiveError("There is something behind the end of the archive; it is not as it was exported.")
        try:
            found = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        except (tarfile.TarError, UnicodeDecodeError, ValueError) as error:
            raise InvalidArchiveError(
                "The file is no archive of a collection, or damaged: it is no tar. A compressed one has to be unpacked "
                "first."
            ) from error
        if found.type != tarfile.REGTYPE or found.size < 0:
            raise InvalidArchiveError(f"The member {found.name!r} of the archive is no plain file.")
        self._member = Begin(found.name, found.size)
        self._left = found.size
        self._digest = hashlib.sha256()
        yield self._member
        if not found.size:
            yield from self._content(b"")


def member_header(name: str, size: int, *, modified: float) -> bytes:
    """What stands before a member's bytes."""
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, int(modified), 0o600
    return member.tobuf(tarfile.GNU_FORMAT)  # plain for sizes below 8 GiB, and able to say larger ones


def padding(size: int) -> bytes:
    """What stands behind a member's bytes."""
    return bytes(-size % _BLOCK)


END_OF_ARCHIVE = bytes(2 * _BLOCK)
