"""Sessions of the web pages: a cookie in place of an API key, and the requests that it may vouch for."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

COOKIE = "ragworks_session"
PAGE_HEADER = "x-ragworks-page"
"""What our pages send with every request. A foreign page cannot: browsers ask the gateway first, which says no."""


@dataclass(frozen=True)
class WebSession:
    """A signed-in browser: it may do what its key may, for as long as that is in use."""

    key_id: str
    expires_at: datetime


def new_session_secret() -> str:
    """A cookie's value, of 256 random bits."""
    return secrets.token_hex(32)


def comes_from_our_pages(headers: Mapping[str, str]) -> bool:
    """Whether a request with a cookie was made by a page of ours, and not by a foreign one in the same browser.

    The header alone would do; `Origin` and `Sec-Fetch-Site` are believed where the browser sends them.
    """
    if not headers.get(PAGE_HEADER):
        return False
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return False
    return headers.get("sec-fetch-site", "same-origin") == "same-origin"
