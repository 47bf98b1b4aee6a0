"""What a file really is, told from its bytes; its name only decides between kinds of text."""

import io
import zipfile
import zlib
from pathlib import PurePath

from services.shared.components.parsers.archive import damaged_office_file, encrypted_office_file
from services.shared.components.parsers.detect_text import kind_of_text
from services.shared.components.parsers.failure import ParseFailure, ParseStage, binary_content
from services.shared.components.parsers.media_type import MediaType

READABLE = "PDF, DOCX, HTML, Markdown or plain text"

_PICTURES = (
    (b"\x89PNG\r\n", MediaType.PNG),
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"GIF87a", MediaType.GIF),
    (b"GIF89a", MediaType.GIF),
    (b"BM", MediaType.BMP),
)
# First bytes of formats that are recognised in order to name them; none of them can be parsed.
_NAMED = (
    (b"RIFF", "a sound or video file"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound or video file"),
    (b"(\xb5/\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript document"),
)
_PACKED_TAR = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_TAR_MARK, _TAR_MARK_AT = b"ustar", 257
# A member that only this kind of archive has.
_OFFICE_PARTS = (
    ("word/document.xml", MediaType.DOCX),
    ("word/document2.xml", MediaType.DOCX),  # so Microsoft's online services name it
    ("ppt/presentation.xml", MediaType.PPTX),
    ("xl/workbook.xml", MediaType.XLSX),
    ("META-INF/container.xml", MediaType.EPUB),
)
_NAMED_PARTS = (
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
    ("content.xml", "an OpenDocument spreadsheet, presentation or drawing"),
)
_OPEN_DOCUMENT_TYPE = "mimetype"
_ZIPPED_DOCUMENTS = frozenset({".docx", ".pptx", ".xlsx", ".odt", ".epub", ".docm", ".pptm", ".xlsm"})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_SNIFF_BYTES = 64 * 1024


def detect_media_type(content: bytes, filename: str, declared: str | None = None) -> MediaType:
    """Return what `content` is, whatever its name or the sender says.

    `filename` and `declared` decide only where bytes cannot: between Markdown, tables, source code, plain text and
    fragments of HTML.
    Raises `ParseFailure` for empty, binary, encrypted and known but unsupported content.
    """
    if not content:
        message = "The file is empty (0 bytes). Check that it was saved and copied completely, and upload it again."
        raise ParseFailure(ParseStage.DETECT, "empty_file", message)
    if b"%PDF-" in content[:1024]:
        return MediaType.PDF
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _inside_zip(content, filename)
    if content.startswith(_OLE):
        raise _ole_failure(content)
    if content.startswith(_PACKED_TAR) or content.startswith(_TAR_MARK, _TAR_MARK_AT):
        return MediaType.TAR
    picture = _kind_of_picture(content)
    if picture is not None:
        return picture
    _refuse_named(content)
    if not _is_text(content):
        raise binary_content()
    return kind_of_text(content, filename, declared)


def _kind_of_picture(content: bytes) -> MediaType | None:
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return MediaType.WEBP
    kind = next((kind for magic, kind in _PICTURES if content.startswith(magic)), None)
    return None if kind is MediaType.BMP and _is_text(content) else kind


def _refuse_named(content: bytes) -> None:
    for magic, name in _NAMED:
        if content.startswith(magic) and not _is_text(content):
            raise _unsupported(name)
    if content.startswith((b"{\\rtf", b"%!PS")):
        raise _unsupported("an RTF or PostScript document")


def _inside_zip(content: bytes, filename: str) -> MediaType:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if _OPEN_DOCUMENT_TYPE in names and _is_open_document_text(archive):
                return MediaType.ODT
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise damaged_office_file() from error
    for part, media_type in _OFFICE_PARTS:
        if part in names:
            return media_type
    for part, name in _NAMED_PARTS:
        if part in names:
            raise _unsupported(name)
    if PurePath(filename).suffix.lower() in _ZIPPED_DOCUMENTS:
        raise _unsupported("a ZIP archive under the name of a document")
    return MediaType.ZIP


def _is_open_document_text(archive: zipfile.ZipFile) -> bool:
    """The member that names an archive's type is stored as it is, so that little of it is enough to read."""
    with archive.open(_OPEN_DOCUMENT_TYPE) as stream:
        return stream.read(len(MediaType.ODT)) == MediaType.ODT.encode()


def _ole_failure(content: bytes) -> ParseFailure:
    if _OLE_ENCRYPTED in content:
        return encrypted_office_file()
    return _unsupported("an old Office document (.doc, .xls or .ppt)")


def _is_text(content: bytes) -> bool:
    """False for content with NUL bytes that has no UTF-16 or UTF-32 mark."""
    return content.startswith(_TEXT_MARKS) or b"\x00" not in content[:_SNIFF_BYTES]


def _unsupported(name: str) -> ParseFailure:
    message = f"This is {name}, which cannot be read. Convert it to {READABLE} and upload it again."
    return ParseFailure(ParseStage.DETECT, "unsupported_media_type", message)
