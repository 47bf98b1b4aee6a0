"""Feeds: RSS 2.0 and Atom, as a tool and as a sync."""

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

from pydantic import Field

from services.shared.components.connectors.connector import Connector, ConnectorConfig
from services.shared.components.connectors.events import Checkpoint, SyncEvent, Upsert
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.http import found
from services.shared.components.connectors.tool import tool
from services.shared.contracts.tools import Material

_ATOM = "{http://www.w3.org/2005/Atom}"
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,1000}>")


class RssConfig(ConnectorConfig):
    """Where the feed is."""

    url: str
    entries: int = Field(default=20, ge=1, le=200)


@dataclass(frozen=True)
class _Entry:
    key: str
    title: str
    link: str
    text: str
    published: str


class RssConnector(Connector[RssConfig]):
    """Reads a feed."""

    @tool(timeout_s=20, cache_s=60)
    async def latest(self, words: str = "") -> list[Material]:
        """The newest entries of the feed; with words, those that hold all of them."""
        wanted = words.lower().split()
        entries = sorted(await self._entries(), key=lambda each: each.published, reverse=True)
        fitting = [each for each in entries if all(word in f"{each.title} {each.text}".lower() for word in wanted)]
        return [_material(each) for each in fitting[: self.config.entries]]

    async def pull(self, cursor: str | None) -> AsyncGenerator[SyncEvent]:
        """Entries that are newer than the cursor, oldest first; a checkpoint after each."""
        for each in sorted(await self._entries(), key=lambda each: (each.published, each.key)):
            position = f"{each.published} {each.key}"
            if cursor is not None and position <= cursor:
                continue
            shown = _material(each)
            yield Upsert(each.key, title=each.title, source=shown.source, content=shown.text.encode())
            yield Checkpoint(position)

    async def _entries(self) -> list[_Entry]:
        answer = found(await self.http.get(self.config.url))
        return await asyncio.to_thread(_parsed, answer.body)


def _parsed(feed: bytes) -> list[_Entry]:
    if _DECLARES.search(feed):
        raise ConnectorError("unreadable", "The feed declares a document type, which feeds do not need.")
    try:
        root = ET.fromstring(feed)  # noqa: S314 - entities were refused above
    except ET.ParseError as error:
        raise ConnectorError("unreadable", f"The feed is no XML: {error}.") from error
    return [_rss(each) for each in root.iter("item")] + [_atom(each) for each in root.iter(f"{_ATOM}entry")]


def _rss(item: ET.Element) -> _Entry:
    link, title = _text(item, "link"), _text(item, "title")
    key = _text(item, "guid") or link or title
    return _Entry(key, title, link, _text(item, "description"), _time(_text(item, "pubDate")))


def _atom(entry: ET.Element) -> _Entry:
    links = {each.get("rel", "alternate"): each.get("href", "") for each in entry.findall(f"{_ATOM}link")}
    text = _text(entry, f"{_ATOM}content") or _text(entry, f"{_ATOM}summary")
    when = _text(entry, f"{_ATOM}updated") or _text(entry, f"{_ATOM}published")
    link = links.get("alternate", "")
    return _Entry(_text(entry, f"{_ATOM}id") or link, _text(entry, f"{_ATOM}title"), link, text, _time(when))


def _text(node: ET.Element, tag: str) -> str:
    return " ".join(_TAG.sub(" ", "".join(part.itertext())).split()) if (part := node.find(tag)) is not None else ""


def _time(said: str) -> str:
    """A time as text that sorts; empty when there is none."""
    try:
        when = datetime.fromisoformat(said)
    except ValueError:
        try:
            when = parsedate_to_datetime(said)
        except (TypeError, ValueError):
            return ""
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _material(entry: _Entry) -> Material:
    dated = f"{entry.published[:10]}: {entry.text}" if entry.published else entry.text
    return Material(title=entry.title, source=entry.link or entry.key, text=f"{entry.title}. {dated}")
