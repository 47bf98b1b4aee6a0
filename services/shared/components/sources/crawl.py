"""Finds the pages of a site that has no sitemap, by following its links breadth first."""

import hashlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp

from services.shared.components.sources.protocol import Item, ItemError, KnownState, SourceError, State, Unlisted
from services.shared.components.sources.site import Site, conditions, filename_of, plain_url, validators
from services.shared.components.sources.web_client import body_of

_MOST_LINKS = 2_000


@dataclass(frozen=True)
class _Page:
    fingerprint: str | None
    links: list[str]
    state: State | None


async def crawl(site: Site, known: KnownState) -> AsyncIterator[Item | Unlisted]:
    """Every page that was found; one that did not answer may hide others.

    A page is asked for only if it changed since the last sync, which kept its links.

    Raises:
        SourceError: the first page cannot be read.
    """
    start = plain_url(site.config.url)
    waiting, seen = deque([(start, 0)]), {start}
    while waiting:
        url, depth = waiting.popleft()
        try:
            page = await _read(site, url, await known(url))
        except ItemError as error:
            if url == start:
                raise SourceError(error.code, error.message) from error
            yield Unlisted(url, url, error.code, error.message, hides_more=error.code != "too_large")
            continue
        if page is None:
            continue
        yield _item(url, page)
        if depth == site.config.max_depth:
            continue
        for link in page.links:
            if len(seen) < site.config.max_pages and link not in seen and site.wants(link):
                seen.add(link)
                waiting.append((link, depth + 1))


async def _read(site: Site, url: str, known: State | None) -> _Page | None:
    """The page; None when it is not there."""
    async with site.client.get(url, conditions(known)) as response:
        if response.status == 304 and known is not None:
            links = known.get("links")
            said = known.get("fingerprint")
            return _Page(
                str(said) if said else None, [str(each) for each in links] if isinstance(links, list) else [], known
            )
        if response.status in {404, 410} and url != plain_url(site.config.url):
            return None
        if response.status != 200:
            raise ItemError("unreachable", f"{url} answered with HTTP status {response.status}.")
        return await _parsed(site, response)


async def _parsed(site: Site, response: aiohttp.ClientResponse) -> _Page:
    said = validators(response)
    fingerprint = str(said.get("etag") or said.get("modified")) if said else None
    if response.content_type not in {"text/html", "application/xhtml+xml"}:
        return _Page(fingerprint, [], {**(said or {}), "fingerprint": fingerprint, "links": []})
    body = await body_of(response, most=site.around.max_bytes)
    links = _links(body, str(response.url))
    fingerprint = fingerprint or hashlib.sha256(body).hexdigest()
    return _Page(fingerprint, links, {**(said or {}), "fingerprint": fingerprint, "links": links})


def _links(body: bytes, base: str) -> list[str]:
    from selectolax.lexbor import LexborHTMLParser

    found: dict[str, None] = {}
    for node in LexborHTMLParser(body).css("a[href]")[:_MOST_LINKS]:
        try:
            found[plain_url(urljoin(base, (node.attributes.get("href") or "").strip()))] = None
        except ValueError:  # no URL at all
            continue
    return list(found)


def _item(url: str, page: _Page) -> Item:
    return Item(
        key=url,
        path=urlsplit(url).path,
        source=url,
        filename=filename_of(url),
        fingerprint=page.fingerprint,
        bytes=None,
        state=page.state,
    )
