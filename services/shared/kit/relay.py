"""Relaying a request to another server and streaming its answer back: the hot path, plain ASGI on aiohttp.

When the client goes away the upstream request is closed at once, so that a model engine stops generating.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import aiohttp
import orjson
from starlette.types import Receive, Send

from services.shared.kit.errors import PlatformError
from services.shared.kit.http import ServiceClient

_PASSED_ON = frozenset(
    {"content-type", "content-disposition", "content-length", "cache-control", "retry-after", "location"}
)
_DISCONNECT = "http.disconnect"


async def relay(
    receive: Receive,
    send: Send,
    *,
    client: ServiceClient,
    method: str,
    path: str,
    body: bytes | None,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send the request on and stream the answer back, error bodies included, until the client leaves.

    Raises:
        PlatformError: upstream could not be reached or broke before its first byte. A break after it ends an
            event stream with an error event, and any other answer by closing the connection.
    """

    async def work() -> None:
        async with client.open(
            method, path, body=body, params=params, headers=headers, any_status=True
        ) as response:
            await _send_start(send, response)
            await _send_body(send, response, client.audience)

    await until_client_leaves(receive, work)


async def until_client_leaves(receive: Receive, work: Callable[[], Awaitable[None]]) -> bool:
    """Run `work`, cancelled as soon as the client disconnects; False when it was. Read the body before."""
    working = asyncio.ensure_future(work())
    watching = asyncio.ensure_future(_disconnect(receive))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
            return True
        return False
    finally:
        for task in (working, watching):
            if not task.done():
                task.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


def broken_stream_event(service: str, error: Exception) -> bytes:
    """The last event of a stream that broke, in the shape OpenAI's clients raise as an error."""
    body = PlatformError(
        f"The answer broke off: the connection to {service} was lost ({type(error).__name__})."
    ).body()
    body["error"]["code"] = "stream_interrupted"
    return b"data: " + orjson.dumps(body) + b"\n\n"


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != _DISCONNECT:
        pass


async def _send_start(send: Send, response: aiohttp.ClientResponse) -> None:
    headers = [
        (name.lower().encode(), value.encode())
        for name, value in response.headers.items()
        if name.lower() in _PASSED_ON
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})


async def _send_body(send: Send, response: aiohttp.ClientResponse, service: str) -> None:
    try:
        async for chunk in response.content.iter_any():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except (aiohttp.ClientError, TimeoutError) as error:
        if response.content_type != "text/event-stream":
            raise
        await send(
            {"type": "http.response.body", "body": broken_stream_event(service, error), "more_body": True}
        )
    await send({"type": "http.response.body", "body": b"", "more_body": False})
