"""Who is let in: the right host name, and a valid API key."""

from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import Scope

from services.gateway.adapters.key_ring import KeyRing
from services.gateway.errors import MissingKeyError, WrongHostError

_FORWARDED = ("forwarded", "x-forwarded-for")
_BEARER = "bearer "


class Admission:
    """The gateway's authenticator."""

    def __init__(self, ring: KeyRing, *, hosts: frozenset[str]) -> None:
        self._ring = ring
        self._hosts = hosts

    async def __call__(self, scope: Scope, headers: Headers) -> str | None:
        """The principal of the request's key.

        `/metrics` is open to this machine, where a scraper runs beside the platform; from elsewhere it takes a
        key like everything else. A caller behind a proxy on this machine counts as from elsewhere.
        """
        self._check_host(headers.get("host", ""))
        if scope["path"] == "/metrics" and _is_local(scope, headers):
            return None
        authorization = headers.get("authorization", "")
        if not authorization[: len(_BEARER)].lower() == _BEARER:
            raise MissingKeyError
        key = await self._ring.owner(authorization[len(_BEARER) :].strip())
        return key.principal

    def _check_host(self, host: str) -> None:
        if _name(host) not in self._hosts and "*" not in self._hosts:
            raise WrongHostError(host)


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
