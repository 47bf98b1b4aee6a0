"""Parses one document in this process: detect, parse, check. Callers outside a worker want `isolation.ParserPool`."""

import re
from collections.abc import Mapping

from services.shared.components.parsers.detect import detect_media_type
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.ocr import Ocr
from services.shared.components.parsers.protocol import Source
from services.shared.components.parsers.registry import PARSERS, load_parser

_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff]")
_MAX_UNREADABLE_SHARE = 0.2
_MAX_DEPTH = 3


def parse_document(
    content: bytes,
    *,
    filename: str,
    media_type: str | None = None,
    parsers: Mapping[str, str] = PARSERS,
    ocr: Ocr | None = None,
    depth: int = 0,
) -> ParsedDocument:
    """Detect what `content` is, parse it, and check that the result is text that a person could read.

    `media_type` is what the sender declared; the bytes decide where they can. Raises `ParseFailure`.
    """
    detected = detect_media_type(content, filename, media_type)
    source = Source(content=content, filename=filename, media_type=detected, ocr=ocr, parsers=parsers, depth=depth)
    document = load_parser(parsers[detected]).parse(source)
    _check_readable(document)
    return document


def parse_inside(
    source: Source, content: bytes, *, filename: str, media_type: str | None = None, ocr: Ocr | None = None
) -> ParsedDocument:
    """Parse a document that `source` carries: an attachment, a file of an archive; as `parse_document` does.

    Raises `ParseFailure`, also when documents are nested too deeply.
    """
    if source.depth >= _MAX_DEPTH:
        message = f"It is inside of {_MAX_DEPTH} other files, which is too deep. Unpack it and upload it by itself."
        raise ParseFailure(ParseStage.PARSE, "nested_too_deeply", message)
    return parse_document(
        content,
        filename=filename,
        media_type=media_type,
        parsers=source.parsers or PARSERS,
        ocr=ocr,
        depth=source.depth + 1,
    )


def _check_readable(document: ParsedDocument) -> None:
    if not document.blocks or not document.text.strip():
        message = (
            "The document was opened but holds no text. If it shows pictures of text, run OCR over it first; "
            "otherwise check that it is the right file."
        )
        raise ParseFailure(ParseStage.CHECK, "no_text", message)
    unreadable = 0 if document.text.isascii() else len(_UNREADABLE.findall(document.text))
    if unreadable > _MAX_UNREADABLE_SHARE * len(document.text):
        message = (
            "Most characters of the document cannot be read: its fonts or its encoding do not say which letters they "
            "stand for. Export it again as PDF with embedded fonts, run OCR over it, or save it as UTF-8 text."
        )
        raise ParseFailure(ParseStage.CHECK, "garbled_text", message)
