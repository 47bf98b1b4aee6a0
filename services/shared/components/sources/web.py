"""Pages of one web site: those of its sitemap, or, without one, those that its pages link to."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urljoin, urlsplit

import aiohttp
from protego import Protego

from services.shared.components.sources.crawl import crawl
from services.shared.components.sources.protocol import (
    Content,
    Item,
    ItemError,
    KnownState,
    SourceError,
    Surroundings,
    Unlisted,
)
from services.shared.components.sources.site import Site, conditions, filename_of, validators
from services.shared.components.sources.sitemaps import MOST_BYTES, Sitemap, read_sitemap
from services.shared.components.sources.web_client import USER_AGENT, WebClient, body_blocks, body_of, host_of
from services.shared.contracts.sources import WebSource

_MOST_ROBOTS_BYTES = 512_000
_MOST_SITEMAPS = 500
_LONGEST_DELAY_S = 10.0


class WebReader:
    """Reads a site; an item's key is its URL."""

    def __init__(self, config: WebSource, around: Surroundings, source_id: str) -> None:  # noqa: ARG002 - as all readers
        self._config = config
        self._around = around
        self._client = WebClient(config.url, around)

    async def list(self, known: KnownState) -> AsyncIterator[Item | Unlisted]:
        """The pages of the sitemap with the time of their last change, or those found by following links."""
        robots = await self._robots()
        site = Site(self._config, self._client, robots, self._around)
        sitemaps = list(robots.sitemaps) or [urljoin(self._config.url, "/sitemap.xml")]
        first = await self._sitemap(sitemaps[0])
        if first is None:
            async for item in crawl(site, known):
                yield item
            return
        listed = 0
        async for item in self._pages(site, sitemaps, first):
            yield item
            listed += 1
            if listed == self._config.max_pages:
                return

    @asynccontextmanager
    async def fetch(self, item: Item) -> AsyncGenerator[Content | None]:
        """The page, unless it is the one that its validators are about."""
        async with self._client.get(item.key, conditions(item.state)) as response:
            if response.status == 304 and item.state:
                yield None
                return
            _require_found(response)
            yield Content(body_blocks(response, most=self._around.max_bytes), state=validators(response))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _robots(self) -> Protego:
        """What robots.txt says (RFC 9309): nothing when there is none; a site that cannot say is not read."""
        url = urljoin(self._config.url, "/robots.txt")
        try:
            async with self._client.get(url) as response:
                if response.status >= 500:
                    raise SourceError("unreachable", f"{url} answered with HTTP status {response.status}.")
                text = await body_of(response, most=_MOST_ROBOTS_BYTES) if response.status == 200 else b""
        except ItemError as error:
            raise SourceError(error.code, error.message) from error
        robots = Protego.parse(text.decode("utf-8", "replace"))
        self._client.wait_between(min(float(robots.crawl_delay(USER_AGENT) or 0), _LONGEST_DELAY_S))
        return robots

    async def _sitemap(self, url: str) -> Sitemap | None:
        """The sitemap; None when there is none."""
        try:
            async with self._client.get(url) as response:
                if response.status in {401, 403, 404, 410}:
                    return None
                _require_found(response)
                return read_sitemap(await body_of(response, most=MOST_BYTES))
        except ItemError as error:
            raise SourceError(error.code, f"{url}: {error.message}") from error

    async def _pages(self, site: Site, sitemaps: Sequence[str], first: Sitemap) -> AsyncIterator[Item | Unlisted]:
        """The pages of all sitemaps; one that cannot be read hides what it names."""
        waiting, seen = [*sitemaps[1:], *first.sitemaps], {sitemaps[0]}
        for url, changed in first.pages:
            if site.wants(url):
                yield _page(url, changed)
        while waiting and len(seen) < _MOST_SITEMAPS:
            address = waiting.pop(0)
            if address in seen or host_of(address) != host_of(self._config.url):
                continue
            seen.add(address)
            try:
                sitemap = await self._sitemap(address)
            except SourceError as error:
                yield Unlisted(address, address, error.code, error.message, hides_more=True)
                continue
            waiting += sitemap.sitemaps if sitemap else []
            for url, changed in sitemap.pages if sitemap else []:
                if site.wants(url):
                    yield _page(url, changed)


def _page(url: str, changed: str | None) -> Item:
    return Item(
        key=url,
        path=urlsplit(url).path,
        source=url,
        filename=filename_of(url),
        fingerprint=f"lastmod {changed}" if changed else None,
        bytes=None,
    )


def _require_found(response: aiohttp.ClientResponse) -> None:
    if response.status == 200:
        return
    message = f"The site answered with HTTP status {response.status}."
    if response.status in {404, 410}:
        raise ItemError("vanished", message, gone=True)
    raise ItemError("access_denied" if response.status in {401, 403} else "unreachable", message)
