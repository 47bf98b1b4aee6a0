"""Frames between the pool and its worker processes: a length, then JSON.

JSON and not pickle, because a worker that a hostile document has taken over must not run code in the parent.
"""

import struct
from typing import Any, BinaryIO

import orjson

from services.shared.components.parsers.document import Block, BlockKind, Page, ParsedDocument
from services.shared.components.parsers.failure import ParseFailure, ParseStage

HEADER = struct.Struct("!Q")


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame's body, or None at the end of the stream."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    body = stream.read(length)
    return body if len(body) == length else None


def write_frame(stream: BinaryIO, body: bytes) -> None:
    """Send one frame."""
    stream.write(HEADER.pack(len(body)))
    stream.write(body)
    stream.flush()


def encode_document(document: ParsedDocument) -> bytes:
    """A parsed document as a frame's body. Heading paths are numbered: thousands of blocks share a few of them."""
    paths = {path: number for number, path in enumerate(dict.fromkeys(b.headings for b in document.blocks))}
    blocks = [(b.kind, b.char_start, b.char_end, paths[b.headings], b.level, b.page) for b in document.blocks]
    fields = {
        "text": document.text,
        "title": document.title,
        "media_type": document.media_type,
        "paths": list(paths),
        "blocks": blocks,
        "pages": [(p.number, p.char_start, p.char_end) for p in document.pages],
        "warnings": document.warnings,
    }
    return orjson.dumps({"document": fields})


def encode_failure(failure: ParseFailure, trace: str = "") -> bytes:
    """A failure as a frame's body; `trace` is for our log when the failure is a defect of a parser."""
    fields = {"stage": failure.stage, "code": failure.code, "message": failure.message, "trace": trace}
    return orjson.dumps({"failure": fields})


def decode_result(body: bytes) -> tuple[ParsedDocument | ParseFailure, str]:
    """What a worker answered, and the trace that came with a failure.

    Raises `ValueError`, `KeyError` or `TypeError` when the body is not one of ours.
    """
    answer: dict[str, Any] = orjson.loads(body)
    if "failure" in answer:
        fields = answer["failure"]
        failure = ParseFailure(ParseStage(fields["stage"]), str(fields["code"]), str(fields["message"]))
        return failure, str(fields["trace"])
    return _document(answer["document"]), ""


def _document(fields: dict[str, Any]) -> ParsedDocument:
    paths = [tuple(map(str, path)) for path in fields["paths"]]
    return ParsedDocument(
        text=str(fields["text"]),
        title=str(fields["title"]),
        media_type=str(fields["media_type"]),
        blocks=tuple(
            Block(BlockKind(kind), start, end, paths[path], level, page)
            for kind, start, end, path, level, page in fields["blocks"]
        ),
        pages=tuple(Page(*page) for page in fields["pages"]),
        warnings=tuple(map(str, fields["warnings"])),
    )
