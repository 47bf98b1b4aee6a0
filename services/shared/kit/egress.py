"""Keeps requests out of inner networks: is an address public, asked of the one that is connected to."""

import ipaddress
import socket

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address is in the last 32 bits

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class PrivateAddressError(OSError):
    """A connection to an inner address was about to be made."""


def is_public(address: str) -> bool:
    """Whether the IP address belongs to the public internet; an IPv4 address inside an IPv6 one is looked at, too."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in _carried(found))


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


def _carried(found: Address) -> tuple[Address, ...]:
    """The addresses that a packet may end at."""
    if isinstance(found, ipaddress.IPv4Address):
        return (found,)
    if found.ipv4_mapped:
        return (found.ipv4_mapped,)
    if found in _NAT64:
        return (ipaddress.IPv4Address(int(found) & 0xFFFFFFFF),)
    inside = [found.sixtofour] if found.sixtofour else list(found.teredo or ())
    return (found, *inside)
