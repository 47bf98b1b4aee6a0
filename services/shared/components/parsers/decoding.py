"""Bytes of unknown encoding to text: byte order mark, then strict UTF-8, then detection."""

import codecs
import re

import chardet

from services.shared.components.normalisers.unicode import is_plain
from services.shared.components.parsers.failure import ParseFailure, ParseStage, binary_content

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16 LE, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SAMPLE_BYTES = 64 * 1024
_MAX_CONTROL_SHARE = 0.01


def decode_text(content: bytes, *, declared: str | None = None) -> str:
    """Return the text of `content`; `declared` is an encoding that the document names itself.

    Raises `ParseFailure` when the bytes are no text in any encoding that can be told.
    """
    text = _decoded(content, declared)
    sample = text[:_SAMPLE_BYTES]
    if not is_plain(sample) and len(_CONTROLS.findall(sample)) > _MAX_CONTROL_SHARE * len(sample):
        raise binary_content()
    return text


def _decoded(content: bytes, declared: str | None) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    for encoding in ("utf-8", declared):
        if (text := _strictly(content, encoding)) is not None:
            return text
    return _detected(content)


def _strictly(content: bytes, encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _detected(content: bytes) -> str:
    """Sample around the first byte that is not ASCII: the start of a file is often all ASCII and tells nothing."""
    foreign = next((match.start() for match in re.finditer(rb"[\x80-\xff]", content)), 0)
    start = max(0, foreign - _SAMPLE_BYTES // 4) & ~3
    encoding = chardet.detect(content[start : start + _SAMPLE_BYTES])["encoding"]
    if encoding is None:
        raise binary_content()
    try:
        return content.decode(encoding, errors="replace")
    except LookupError:
        raise ParseFailure(ParseStage.DETECT, "unknown_encoding", _unknown_encoding(encoding)) from None


def _unknown_encoding(encoding: str) -> str:
    return f"The text is encoded as {encoding}, which cannot be read here. Save it as UTF-8 and upload it again."
