"""Keeps sources out of inner networks: an address that only this machine or its neighbours can see is refused."""

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

from services.shared.components.sources.protocol import SourceError

SETTING = "RAGWORKS_SOURCES_PRIVATE_ADDRESSES"


class PrivateAddressError(OSError):
    """A connection to an inner address was about to be made."""


def is_public(address: str) -> bool:
    """Whether the IP address belongs to the public internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_global and not (mapped or found).is_multicast


def public_socket(info: tuple[object, ...]) -> socket.socket:
    """A socket for an address that was looked up, right before it connects: no name can change in between.

    Raises:
        PrivateAddressError: the address is an inner one.
    """
    family, kind, protocol, _, where = info
    assert isinstance(where, tuple)  # noqa: S101 - what getaddrinfo answers
    if not is_public(str(where[0])):
        raise PrivateAddressError(f"{where[0]} is an address of an inner network")
    return socket.socket(family, kind, protocol)  # type: ignore[arg-type] - as above


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
