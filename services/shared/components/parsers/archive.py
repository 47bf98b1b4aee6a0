"""Opens zip archives of XML (office files, books) only after measuring what they unpack to."""

import io
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from services.shared.components.parsers.failure import ParseFailure, ParseStage

OFFICE_PARTS = (".xml", ".rels")
"""How the members of an office file end that hold its text."""

MOST_MEMBERS = 10_000
"""Files that one archive may have."""

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
    for piece in _pieces(content, OFFICE_PARTS):
        if piece.is_first and any(mark in piece.content for mark in _ENTITY_MARKS):
            raise _entities()


def unpack_archive(content: bytes, suffixes: tuple[str, ...] = OFFICE_PARTS) -> Mapping[str, bytes]:
    """The members whose names end like one of `suffixes`, counted while they are unpacked.

    Raises `ParseFailure` for a damaged archive, one that expands too much and one that needs a password. What the
    members hold is not looked at: XML among them is for `xml_tree.xml_root`.
    """
    members: dict[str, bytearray] = {}
    for piece in _pieces(content, suffixes):
        if piece.is_first:
            members[piece.member] = bytearray()
        members[piece.member] += piece.content
    return {name: bytes(member) for name, member in members.items()}


def each_file(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of an archive, one after the other, by their paths in it; folders are left out.

    Raises `ParseFailure` as `unpack_archive` does.
    """
    name, parts = "", list[bytes]()
    for piece in _pieces(content, ("",)):
        if piece.is_first and name:
            yield name, b"".join(parts)
        if piece.is_first:
            name, parts = piece.member, []
        parts.append(piece.content)
    if name:
        yield name, b"".join(parts)


def allowed_bytes(content: bytes) -> int:
    """What an archive of this size may unpack to."""
    return min(_MAX_MEMBER_BYTES, max(_SMALL_BYTES, _MAX_RATIO * len(content)))


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


@dataclass(frozen=True, slots=True)
class _Piece:
    member: str
    content: bytes
    is_first: bool


def _pieces(content: bytes, suffixes: tuple[str, ...]) -> Iterator[_Piece]:
    """What is in the members that end so, as long as it is not too much; an empty member has one empty piece."""
    allowed = allowed_bytes(content)
    with _readable(content) as archive:
        for member in _checked_members(archive, suffixes):
            for piece in _pieces_of(archive, member):
                allowed -= len(piece.content)
                if allowed < 0:
                    raise expands_too_much()
                yield piece


def _checked_members(archive: zipfile.ZipFile, suffixes: tuple[str, ...]) -> list[zipfile.ZipInfo]:
    members = [m for m in archive.infolist() if m.filename.lower().endswith(suffixes) and not m.is_dir()]
    if len(archive.infolist()) > MOST_MEMBERS or sum(m.file_size for m in members) > _MAX_MEMBER_BYTES:
        raise expands_too_much()
    if any(member.flag_bits & 0x1 for member in members):
        raise encrypted_office_file()
    return members


def _pieces_of(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[_Piece]:
    with archive.open(member) as stream:
        piece = stream.read(_READ_BYTES)
        yield _Piece(member.filename, piece, is_first=True)
        while piece := stream.read(_READ_BYTES):
            yield _Piece(member.filename, piece, is_first=False)


def expands_too_much() -> ParseFailure:
    """The failure for what unpacks to more than its size allows for."""
    message = (
        "The document unpacks to far more data than its size allows for (a zip bomb) and was not opened. "
        "If it is genuine, split it into smaller documents."
    )
    return ParseFailure(ParseStage.DETECT, "expands_too_much", message)


def _entities() -> ParseFailure:
    message = (
        "The document's XML declares entities, which office programs never write and which can expand without end; "
        "it was not opened. Save it again in Microsoft Office or LibreOffice."
    )
    return ParseFailure(ParseStage.DETECT, "entity_declarations", message)
