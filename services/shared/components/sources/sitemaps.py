"""Reads sitemaps: strangers' XML, so no entity is declared and what unpacks too far is refused."""

import zlib
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from services.shared.components.sources.protocol import ItemError

MOST_BYTES = 52_428_800  # what the sitemap protocol allows, unpacked


@dataclass
class Sitemap:
    """What a sitemap names: pages with the time of their last change, and further sitemaps."""

    pages: list[tuple[str, str | None]]
    sitemaps: list[str]


def read_sitemap(content: bytes) -> Sitemap:
    """The sitemap, packed with gzip or not.

    Raises:
        ItemError: it is none.
    """
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(_unpacked(content), True)
    except (expat.ExpatError, zlib.error) as error:
        raise ItemError("sitemap_unreadable", f"The sitemap cannot be read: {error}.") from error
    return Sitemap(reader.pages, reader.sitemaps)


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    packed = zlib.decompressobj(wbits=31)
    found = packed.decompress(content, MOST_BYTES)
    if packed.unconsumed_tail:
        raise ItemError("sitemap_too_large", f"The sitemap unpacks to more than {MOST_BYTES:,} bytes.")
    return found


def _refuse(*_: object) -> NoReturn:
    raise ItemError("sitemap_unreadable", "The sitemap declares entities, which is refused.")


class _Reader:
    def __init__(self) -> None:
        self.pages: list[tuple[str, str | None]] = []
        self.sitemaps: list[str] = []
        self._text: list[str] = []
        self._entry: dict[str, str] = {}

    def start(self, _name: str, _attributes: object) -> None:
        self._text = []

    def text(self, text: str) -> None:
        self._text.append(text)

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local in {"loc", "lastmod"}:
            self._entry.setdefault(local, "".join(self._text).strip())
        elif local == "url" and "loc" in self._entry:
            self.pages.append((self._entry["loc"], self._entry.get("lastmod")))
        elif local == "sitemap" and "loc" in self._entry:
            self.sitemaps.append(self._entry["loc"])
        if local in {"url", "sitemap"}:
            self._entry = {}
