"""Who is let in: the right host name, and a valid API key or the session of a signed-in browser."""

from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import Scope

from services.gateway.adapters.key_ring import KeyRing
from services.gateway.adapters.session_ring import SessionRing
from services.gateway.dependencies import ROLE
from services.gateway.domain.keys import ApiKey
from services.gateway.domain.pages import is_page
from services.gateway.domain.sessions import COOKIE, comes_from_our_pages
from services.gateway.errors import ForeignPageError, MissingKeyError, WrongHostError

_FORWARDED = ("forwarded", "x-forwarded-for")
_BEARER = "bearer "


class Admission:
    """The gateway's authenticator."""

    def __init__(self, ring: KeyRing, sessions: SessionRing, *, hosts: frozenset[str]) -> None:
        self._ring = ring
        self._sessions = sessions
        self._hosts = hosts

    async def __call__(self, scope: Scope, headers: Headers) -> str | None:
        """The principal of the request's key or session.

        `/metrics` is open to this machine, where a scraper runs beside the platform; from elsewhere it takes a
        key like everything else. A caller behind a proxy on this machine counts as from elsewhere.
        """
        self._check_host(headers.get("host", ""))
        if scope["path"] == "/metrics" and _is_local(scope, headers):
            return None
        if is_page(scope["method"], scope["path"]):
            return None
        key = await self._key(headers)
        scope[ROLE] = key.role
        return key.principal

    async def _key(self, headers: Headers) -> ApiKey:
        secret = bearer(headers)
        if secret is not None:
            return await self._ring.owner(secret)
        cookie = session_cookie(headers)
        if cookie is None:
            raise MissingKeyError
        if not comes_from_our_pages(headers):
            raise ForeignPageError
        return await self._sessions.owner(cookie)

    def _check_host(self, host: str) -> None:
        if _name(host) not in self._hosts and "*" not in self._hosts:
            raise WrongHostError(host)


def bearer(headers: Headers) -> str | None:
    """The API key that a request brings."""
    authorization = headers.get("authorization", "")
    if authorization[: len(_BEARER)].lower() != _BEARER:
        return None
    return authorization[len(_BEARER) :].strip()


def session_cookie(headers: Headers) -> str | None:
    """The value of the session's cookie, if the browser has one."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return found.value if found is not None and found.value else None


def _name(host: str) -> str:
    """The host name without its port; an IPv6 address without its brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _is_local(scope: Scope, headers: Headers) -> bool:
    client = scope.get("client")
    if any(name in headers for name in _FORWARDED):
        return False
    try:
        return client is not None and ip_address(client[0]).is_loopback
    except ValueError:
        return False
