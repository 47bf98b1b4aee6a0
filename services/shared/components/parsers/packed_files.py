"""Archives of files (ZIP, TAR, packed or not): their documents one below the other, each under its path."""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from services.shared.components.parsers.archive import MOST_MEMBERS, allowed_bytes, each_file, expands_too_much
from services.shared.components.parsers.builder import DocumentBuilder
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.media_type import MediaType
from services.shared.components.parsers.parse import parse_inside
from services.shared.components.parsers.protocol import Source

_READ_BYTES = 256 * 1024
_MOST_WARNINGS = 100
_UNPACKERS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
_DAMAGE = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError, ValueError)
_RESOURCE_FORKS = "__MACOSX"


class PackedFilesParser:
    """The readable files of an archive as one document; what cannot be read is a warning that names it.

    Hidden files, links and what macOS adds are left out. A single packed file (`.txt.gz`) is read as itself.
    """

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the archive's name; the path of each file is the heading above its text."""
        reading = _Reading(source)
        files = each_file(source.content) if source.media_type == MediaType.ZIP else _unpacked(source)
        for name, content in files:
            if not _is_left_out(name):
                reading.read(name, content)
        return reading.document()


class _Reading:
    """Writes the files of an archive into one document."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._builder = DocumentBuilder()
        self._warnings: list[str] = []
        self._refused: list[ParseFailure] = []
        self._read = 0

    def read(self, name: str, content: bytes) -> None:
        """Add one file; one that cannot be read does not keep the others from being read."""
        try:
            document = parse_inside(self._source, content, filename=name, ocr=self._source.ocr)
        except ParseFailure as failure:
            self._refused.append(failure)
            self._warnings.append(f"The file {name!r} was not read. {failure.message}")
            return
        self._read += 1
        self._builder.heading(1, name)
        self._builder.embed(document.text, document.blocks)
        self._warnings += [f"{name}: {warning}" for warning in document.warnings]

    def document(self) -> ParsedDocument:
        """Raises `ParseFailure` when no file could be read."""
        if not self._read:
            raise _nothing_readable(self._refused)
        more = len(self._warnings) - _MOST_WARNINGS
        shown = [*self._warnings[:_MOST_WARNINGS], *([f"There are {more:,} more such warnings."] if more > 0 else [])]
        title = PurePosixPath(self._source.filename).name
        return self._builder.document(self._source, title=title, warnings=shown)


def _is_left_out(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return _RESOURCE_FORKS in parts or any(part.startswith(".") for part in parts)


def _unpacked(source: Source) -> Iterator[tuple[str, bytes]]:
    """The files of a TAR archive, or the one file that was packed without one."""
    try:
        archive = tarfile.open(fileobj=io.BytesIO(source.content), mode="r:*")  # noqa: SIM115 - closed below
    except tarfile.ReadError:
        yield _single(source)
        return
    except _DAMAGE as error:
        raise _damaged() from error
    with archive:
        yield from _members(archive, allowed_bytes(source.content))


def _members(archive: tarfile.TarFile, allowed: int) -> Iterator[tuple[str, bytes]]:
    """Sizes are counted before anything is read: to pass over a file, a packed archive has to be unpacked, too."""
    try:
        for number, member in enumerate(archive):
            allowed -= max(0, member.size)
            if number >= MOST_MEMBERS or allowed < 0:
                raise expands_too_much()
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is not None:
                yield member.name, stream.read(member.size)
    except _DAMAGE as error:
        raise _damaged() from error


def _single(source: Source) -> tuple[str, bytes]:
    unpack = next((each for magic, each in _UNPACKERS.items() if source.content.startswith(magic)), None)
    if unpack is None:
        raise _damaged()
    try:
        with unpack(io.BytesIO(source.content), "rb") as stream:
            content = _limited(stream, allowed_bytes(source.content))
    except _DAMAGE as error:
        raise _damaged() from error
    name = PurePosixPath(source.filename)
    return name.stem or name.name, content


def _limited(stream: bz2.BZ2File | lzma.LZMAFile | gzip.GzipFile, allowed: int) -> bytes:
    parts: list[bytes] = []
    while part := stream.read(_READ_BYTES):
        allowed -= len(part)
        if allowed < 0:
            raise expands_too_much()
        parts.append(part)
    return b"".join(parts)


def _nothing_readable(refused: list[ParseFailure]) -> ParseFailure:
    if not refused:
        message = "The archive holds no files to read. Check that it was packed completely."
        return ParseFailure(ParseStage.PARSE, "no_text", message)
    message = f"None of the {len(refused):,} files in the archive could be read. The first: {refused[0].message}"
    return ParseFailure(ParseStage.PARSE, refused[0].code if len(refused) == 1 else "nothing_readable", message)


def _damaged() -> ParseFailure:
    message = "The archive is damaged or incomplete, often from an interrupted download. Fetch or pack it again."
    return ParseFailure(ParseStage.PARSE, "damaged", message)
