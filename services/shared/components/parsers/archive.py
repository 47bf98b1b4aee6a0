"""Opens office files (zip archives of XML) only after measuring what they unpack to."""

import io
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from services.shared.components.parsers.failure import ParseFailure, ParseStage

_MAX_MEMBERS = 10_000
_MAX_MEMBER_BYTES = 256 * 1024 * 1024
# Word's own XML shrinks about tenfold and repetitive tables fiftyfold; deflate's limit is about 1,030.
_MAX_RATIO = 200
_SMALL_BYTES = 16 * 1024 * 1024
_READ_BYTES = 256 * 1024
_ENTITY_MARKS = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))


def check_office_archive(content: bytes) -> None:
    """Unpack every XML member in small pieces and count, so that nothing larger is ever handed to a parser.

    Raises `ParseFailure` for a damaged archive, one that expands too much, one that needs a password, and one whose
    XML declares entities.
    """
    with _readable(content) as archive:
        members = [m for m in archive.infolist() if m.filename.endswith((".xml", ".rels"))]
        if len(archive.infolist()) > _MAX_MEMBERS or sum(m.file_size for m in members) > _MAX_MEMBER_BYTES:
            raise _bomb()
        if any(member.flag_bits & 0x1 for member in members):
            raise encrypted_office_file()
        unpacked = 0
        for member in members:
            for piece in _pieces(archive, member):
                unpacked += len(piece)
                if unpacked > max(_SMALL_BYTES, _MAX_RATIO * len(content)) or unpacked > _MAX_MEMBER_BYTES:
                    raise _bomb()


def encrypted_office_file() -> ParseFailure:
    """The failure for an office file behind a password."""
    message = "The document is protected by a password. Save a copy without the password and upload that."
    return ParseFailure(ParseStage.DETECT, "encrypted", message)


def damaged_office_file() -> ParseFailure:
    """The failure for an office file that ends too early or has broken parts."""
    message = (
        "The document is damaged or incomplete, often from an interrupted download. "
        "Open and save it again in its own program, or fetch it again, and upload the new copy."
    )
    return ParseFailure(ParseStage.PARSE, "damaged", message)


@contextmanager
def _readable(content: bytes) -> Generator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise damaged_office_file() from error


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    first = True
    with archive.open(member) as stream:
        while piece := stream.read(_READ_BYTES):
            if first and any(mark in piece for mark in _ENTITY_MARKS):
                raise _entities()
            first = False
            yield piece


def _bomb() -> ParseFailure:
    message = (
        "The document unpacks to far more data than its size allows for (a zip bomb) and was not opened. "
        "If it is genuine, split it into smaller documents."
    )
    return ParseFailure(ParseStage.DETECT, "expands_too_much", message)


def _entities() -> ParseFailure:
    message = (
        "The document's XML declares entities, which Word never writes and which can expand without end; "
        "it was not opened. Save it again in Word or LibreOffice."
    )
    return ParseFailure(ParseStage.DETECT, "entity_declarations", message)
