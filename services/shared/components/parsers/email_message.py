"""E-mail: headers, the body as text, and the attachments that can be read."""

from collections.abc import Iterator, Sequence
from email import policy
from email.errors import CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import PurePath
from typing import cast

from services.shared.components.normalisers.unicode import normalise_text
from services.shared.components.parsers.builder import DocumentBuilder
from services.shared.components.parsers.decoding import decode_text
from services.shared.components.parsers.detect import detect_media_type
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.html import whole_page_text
from services.shared.components.parsers.media_type import MediaType
from services.shared.components.parsers.outline import markdown_blocks, paragraph_blocks
from services.shared.components.parsers.parse import parse_inside
from services.shared.components.parsers.protocol import Source

_SHOWN_HEADERS = ("From", "To", "Cc", "Date")
_BODIES = ("text/plain", "text/html")
_MESSAGE = "message/rfc822"
_MAX_DEPTH = 2
_MAX_ATTACHMENTS = 100
_INCOMPLETE = (StartBoundaryNotFoundDefect, CloseBoundaryNotFoundDefect)
# The standard library promises to read any message, but its header parser gives way to odd ones with these.
_DAMAGE = (ValueError, IndexError, LookupError, AttributeError, TypeError)


class EmailParser:
    """Messages as mail programs save them (.eml), with forwarded messages and attachments of the other formats."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the subject, else the file's name."""
        reading = _Reading(source)
        try:
            message = _message(source.content)
            title = _header(message, "Subject")
            reading.read(message, depth=0)
        except RecursionError:
            raise _too_deep() from None
        except _DAMAGE as error:
            raise _damaged() from error
        title = title or PurePath(source.filename).stem
        return reading.builder.document(source, title=title, warnings=reading.warnings)


class _Reading:
    """Writes a message and what it carries into one document."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.builder = DocumentBuilder()
        self.warnings: list[str] = []

    def read(self, message: EmailMessage, *, depth: int) -> None:
        """Add one message; what is attached to it follows below its own text."""
        level = 3 * depth + 1
        self.builder.heading(level, _header(message, "Subject") or "Message without a subject")
        headers = (f"{name}: {text}" for name in _SHOWN_HEADERS if (text := _header(message, name)))
        self.builder.paragraph("\n".join(headers))
        parts = list(_parts(message))
        for part in parts:
            if _is_body(part):
                self._read_body(part)
        attached = [part for part in parts if not _is_body(part)]
        if len(attached) > _MAX_ATTACHMENTS:
            self.warnings.append(f"Only the first {_MAX_ATTACHMENTS} of {len(attached):,} attachments were read.")
        if attached:
            self.builder.heading(level + 1, "Attachments")
            self.builder.items((0, f"{_name(part)} ({part.get_content_type()})") for part in attached)
        for part in attached[:_MAX_ATTACHMENTS]:
            self._read_attachment(part, depth=depth)

    def _read_body(self, part: EmailMessage) -> None:
        text = decode_text(_payload(part), declared=part.get_content_charset())
        if part.get_content_subtype() == "html":
            text = whole_page_text(text)
            self.builder.embed(text, markdown_blocks(text))
        else:
            text = normalise_text(text)
            self.builder.embed(text, paragraph_blocks(text))

    def _read_attachment(self, part: EmailMessage, *, depth: int) -> None:
        """One that cannot be read does not keep the message from being read. Pictures need no word about it."""
        try:
            self._read_attached(part, level=3 * depth + 3, depth=depth)
        except ParseFailure as failure:
            if part.get_content_maintype() != "image":
                self.warnings.append(f"The attachment {_name(part)!r} was not read. {failure.message}")

    def _read_attached(self, part: EmailMessage, *, level: int, depth: int) -> None:
        message = _attached_message(part)
        if message is not None and depth >= _MAX_DEPTH:
            raise _too_deep()
        if message is not None:
            self.builder.heading(level, _name(part))
            self.read(message, depth=depth + 1)
            return
        kind = part.get_content_type()
        ocr = None if part.get_content_maintype() == "image" else self._source.ocr  # logos are not worth it
        document = parse_inside(self._source, _payload(part), filename=_name(part), media_type=kind, ocr=ocr)
        self.builder.heading(level, _name(part))
        self.builder.embed(document.text, document.blocks)
        self.warnings.extend(document.warnings)


def _message(content: bytes) -> EmailMessage:
    """Raises `ParseFailure` for a message that ends before its last part does."""
    message = BytesParser(policy=policy.default).parsebytes(content)
    if any(isinstance(defect, _INCOMPLETE) for part in message.walk() for defect in part.defects):
        raise _damaged()
    return message


def _parts(part: EmailMessage) -> Iterator[EmailMessage]:
    """Everything that is no container, with one of several forms of the same text."""
    if part.get_content_maintype() != "multipart":
        yield part
        return
    inner = [cast("EmailMessage", child) for child in part.iter_parts()]
    for child in _preferred(inner) if part.get_content_subtype() == "alternative" else inner:
        yield from _parts(child)


def _preferred(alternatives: Sequence[EmailMessage]) -> Sequence[EmailMessage]:
    """Plain text where there is some; else the last form, which is the richest by convention."""
    plain = [part for part in alternatives if part.get_content_type() == "text/plain" and _payload(part).strip()]
    return plain[:1] or alternatives[-1:]


def _is_body(part: EmailMessage) -> bool:
    return part.get_content_type() in _BODIES and not part.is_attachment() and not part.get_filename()


def _attached_message(part: EmailMessage) -> EmailMessage | None:
    """The message that a part is: a forwarded one, or a saved one that was attached as a file."""
    if part.get_content_type() == _MESSAGE and part.is_multipart():
        return cast("EmailMessage", next(iter(part.iter_parts()), None))
    content = _payload(part)
    if detect_media_type(content, _name(part), part.get_content_type()) is not MediaType.EMAIL:
        return None
    return _message(content)


def _payload(part: EmailMessage) -> bytes:
    payload: object = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _name(part: EmailMessage) -> str:
    """The attachment's file name; a forwarded message has rather a subject."""
    if part.get_content_type() == _MESSAGE and not part.get_filename():
        return "Forwarded message"
    return " ".join((part.get_filename() or "unnamed").split())


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _damaged() -> ParseFailure:
    message = "The message is damaged or incomplete: its parts do not end. Save it again from its mail program."
    return ParseFailure(ParseStage.PARSE, "damaged", message)


def _too_deep() -> ParseFailure:
    message = (
        f"Messages or their parts are nested too deeply: forwarded messages are read up to {_MAX_DEPTH} deep. "
        "Save the inner ones as files of their own and upload those."
    )
    return ParseFailure(ParseStage.PARSE, "nested_too_deeply", message)
