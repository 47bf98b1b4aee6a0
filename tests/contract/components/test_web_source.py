"""What a web site says about itself is heeded: robots.txt, sitemaps, redirects, validators."""

import gzip
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from services.shared.components.sources.protocol import Item, ItemError, SourceError, State, Unlisted
from services.shared.components.sources.registry import open_reader
from services.shared.contracts.sources import WebSource
from tests.contract.components.sites import Web, web_site
from tests.contract.components.test_sources import nothing_known, surroundings


@pytest.fixture
async def web() -> AsyncGenerator[Web]:
    with web_site({}) as site:
        yield site


def _sitemap(web: Web, *pages: str, kind: str = "url") -> bytes:
    entries = "".join(f"<{kind}><loc>{web.url}{page}</loc><lastmod>2026-01-01</lastmod></{kind}>" for page in pages)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()


async def _list(web: Web, tmp_path: Path, *, path: str = "/", known: dict[str, State] | None = None) -> list[object]:
    async def state(key: str) -> State | None:
        return (known or {}).get(key)

    reader = open_reader("src", WebSource(url=web.url + path, max_pages=50), surroundings(tmp_path))
    found = [item async for item in reader.list(state if known else nothing_known)]
    await reader.close()
    return list(found)


def _paths(found: list[object]) -> list[str]:
    return [item.path for item in found if isinstance(item, Item)]


async def test_a_sitemap_is_believed_and_no_page_is_asked(web: Web, tmp_path: Path) -> None:
    web.pages |= {
        "/robots.txt": f"User-agent: *\nDisallow: /private/\nSitemap: {web.url}/maps.xml".encode(),
        "/maps.xml": _sitemap(web, "/one.xml", "/two.xml.gz", "/gone.xml", kind="sitemap"),
        "/one.xml": _sitemap(web, "/a", "/private/b"),
        "/two.xml.gz": gzip.compress(_sitemap(web, "/c")),
    }
    found = await _list(web, tmp_path)

    assert _paths(found) == ["/a", "/c"]
    assert {path for path, _ in web.asked} == {"/robots.txt", "/maps.xml", "/one.xml", "/two.xml.gz", "/gone.xml"}


async def test_a_sitemap_that_cannot_be_read_hides_pages(web: Web, tmp_path: Path) -> None:
    web.pages |= {"/sitemap.xml": _sitemap(web, "/one.xml", "/two.xml", kind="sitemap"), "/one.xml": 503}
    web.pages |= {"/two.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><urlset/>'}
    found = await _list(web, tmp_path)

    assert [(item.code, item.hides_more) for item in found if isinstance(item, Unlisted)] == [
        ("unreachable", True),
        ("sitemap_unreadable", True),
    ]


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml"])
async def test_a_site_in_trouble_is_no_empty_site(web: Web, tmp_path: Path, path: str) -> None:
    web.pages |= {path: 503}
    with pytest.raises(SourceError):
        await _list(web, tmp_path)


async def test_a_crawl_stays_below_its_address_and_on_its_host_and_asks_changed_pages_only(
    web: Web, tmp_path: Path
) -> None:
    links = ("b.html#part", "/elsewhere", "http://example.org/docs/c", "c.html", "mailto:x@y", "http://[bad")
    web.pages |= {
        "/docs/": "".join(f'<a href="{link}">x</a>' for link in links).encode(),
        "/docs/b.html": b'<a href="/docs/">up</a>',
        "/docs/c.html": 500,
    }
    found = await _list(web, tmp_path, path="/docs/")
    assert _paths(found) == ["/docs/", "/docs/b.html"]
    assert [item.key for item in found if isinstance(item, Unlisted) and item.hides_more] == [f"{web.url}/docs/c.html"]

    web.asked.clear()
    known = {item.key: item.state or {} for item in found if isinstance(item, Item)}
    again = await _list(web, tmp_path, path="/docs/", known=known)
    assert [item for item in again if isinstance(item, Item)] == [item for item in found if isinstance(item, Item)]
    assert ("/docs/", 304) in web.asked


async def test_a_page_is_fetched_only_when_it_changed(web: Web, tmp_path: Path) -> None:
    web.pages |= {"/a": b"one", "/away": "http://169.254.169.254/", "/loop": "/loop"}
    reader = open_reader("src", WebSource(url=f"{web.url}/"), surroundings(tmp_path))
    item = Item(f"{web.url}/a", "/a", f"{web.url}/a", "a", None, None)
    async with reader.fetch(item) as content:
        assert content is not None
        state = content.state
    async with reader.fetch(replace(item, state=state)) as content:
        assert content is None
    for path, code in (("/away", "other_host"), ("/loop", "redirect_loop"), ("/missing", "vanished")):
        with pytest.raises(ItemError) as refused:
            async with reader.fetch(replace(item, key=web.url + path)):
                pass
        assert refused.value.code == code
    await reader.close()
