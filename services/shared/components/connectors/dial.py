"""Connections to systems that do not speak HTTP, within the same rules: allowed hosts, no inner networks."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.http import HttpClient, inner_address, matches
from services.shared.kit.egress import PrivateAddressError, public_socket

_MOST_LINE_BYTES = 1_000_000


@dataclass(frozen=True)
class Line:
    """An open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@asynccontextmanager
async def dial(client: HttpClient, host: str, port: int, *, tls: bool) -> AsyncGenerator[Line]:
    """A connection while the block runs; with `tls` the host proves who it is.

    Raises:
        ConnectorError: host or address are not allowed, or nobody answers.
    """
    url = f"tcp://{host}:{port}"
    if client.hosts and not matches(url, client.hosts):
        raise ConnectorError("host_refused", f"'{host}' is not among the connector's hosts.")
    try:
        async with asyncio.timeout(client.limits.timeout_s):
            opened = await _connected(host, port, private=matches(url, client.private_hosts))
            context = ssl.create_default_context() if tls else None
            reader, writer = await asyncio.open_connection(
                sock=opened, ssl=context, server_hostname=host if tls else None, limit=_MOST_LINE_BYTES
            )
    except PrivateAddressError as error:
        raise inner_address(host) from error
    except TimeoutError as error:
        raise ConnectorError("timeout", f"{host} did not answer in time.", counts=True) from error
    except OSError as error:
        raise ConnectorError("unreachable", f"{host}:{port} cannot be reached: {error}.", counts=True) from error
    try:
        yield Line(reader, writer)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError) as error:
        raise ConnectorError("unreachable", f"{host} ended the connection: {error}.", counts=True) from error
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _connected(host: str, port: int, *, private: bool) -> socket.socket:
    """A connected socket: the address that was looked at is the one that is connected to."""
    loop = asyncio.get_running_loop()
    failure: OSError = OSError(f"'{host}' has no address")
    for info in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        made = socket.socket(info[0], info[1], info[2]) if private else public_socket(info)
        made.setblocking(False)
        try:
            await loop.sock_connect(made, info[4])
        except OSError as error:
            made.close()
            failure = error
        else:
            return made
    raise failure
