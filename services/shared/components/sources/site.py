"""What belongs to a site, and what its answers say about the age of a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit

import aiohttp
from protego import Protego

from services.shared.components.sources.protocol import State, Surroundings
from services.shared.components.sources.web_client import USER_AGENT, WebClient, host_of
from services.shared.contracts.sources import WebSource


@dataclass(frozen=True)
class Site:
    """A web source being read."""

    config: WebSource
    client: WebClient
    robots: Protego
    around: Surroundings

    def wants(self, url: str) -> bool:
        """Whether the URL is on the host, below the folder of the first page, and open to robots."""
        parts = urlsplit(url)
        folder = urlsplit(self.config.url).path.rpartition("/")[0] + "/"
        return (
            parts.scheme in {"http", "https"}
            and host_of(url) == host_of(self.config.url)
            and (parts.path or "/").startswith(folder)
            and bool(self.robots.can_fetch(url, USER_AGENT))
        )


def plain_url(url: str) -> str:
    """The URL without its fragment; the host's root has a slash."""
    found = urldefrag(url).url
    return found if urlsplit(found).path else f"{found}/"


def validators(response: aiohttp.ClientResponse) -> dict[str, object] | None:
    """What a later request for the same page may be made conditional by."""
    found = {"etag": response.headers.get("etag"), "modified": response.headers.get("last-modified")}
    return {name: value for name, value in found.items() if value} or None


def conditions(state: State | None) -> Mapping[str, str]:
    """The headers that make a request conditional."""
    names = {"etag": "if-none-match", "modified": "if-modified-since"}
    return {header: str(state[name]) for name, header in names.items() if state and state.get(name)}


def filename_of(url: str) -> str:
    """A file name for a page."""
    return urlsplit(url).path.rpartition("/")[2] or "index.html"
