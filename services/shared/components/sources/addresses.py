"""Keeps sources out of inner networks: an address that only this machine or its neighbours can see is refused."""

import asyncio
import socket
from urllib.parse import urlsplit

from services.shared.components.sources.protocol import SourceError
from services.shared.kit.egress import is_public

SETTING = "RAGWORKS_SOURCES_PRIVATE_ADDRESSES"


async def require_public(url: str) -> None:
    """Return when the host of a URL has public addresses only; for programs that connect by themselves.

    Raises:
        SourceError: it has not, or does not exist.
    """
    host = urlsplit(url).hostname or ""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise SourceError("unreachable", f"The host '{host}' was not found: {error.strerror or error}.") from error
    if not all(is_public(str(each[4][0])) for each in found):
        raise private_address(host)


def private_address(host: str) -> SourceError:
    """The refusal of an inner address."""
    return SourceError(
        "private_address",
        f"'{host}' is an address of an inner network, which sources may not ask; the operator allows it "
        f"with {SETTING}=true.",
    )
