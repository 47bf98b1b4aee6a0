"""What a parser is. Implementations are one per file beside this one and are listed in `registry.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.ocr import Ocr


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes to parse, with what is known about them. `media_type` is the detected one, not the declared one.

    `ocr` is for what has no text of its own; None where there is none. `parsers`, where not empty, are those for
    documents inside this one, and `depth` tells how many this one is inside of: see `parse.parse_inside`.
    """

    content: bytes
    filename: str
    media_type: str
    ocr: Ocr | None = None
    parsers: Mapping[str, str] = field(default_factory=dict[str, str])
    depth: int = 0


class Parser(Protocol):
    """Turns the bytes of the formats it knows into text and structure."""

    def parse(self, source: Source) -> ParsedDocument:
        """Parse one document.

        Raises `ParseFailure` with a message for people when the bytes cannot be read.
        """
        ...
