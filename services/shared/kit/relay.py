"""Relaying a request to another server and streaming its answer back: the hot path, plain ASGI on aiohttp.

When the client goes away the upstream request is closed at once, so that a model engine stops generating.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

import aiohttp
import orjson
from starlette.types import Message, Receive, Send

from services.shared.kit.asgi import ClientGoneError
from services.shared.kit.errors import PlatformError, UpstreamError
from services.shared.kit.http import Query, ServiceClient

_PASSED_ON = frozenset(
    {"allow", "cache-control", "content-disposition", "content-length", "content-type", "location", "retry-after"}
)
_DISCONNECT = "http.disconnect"


class StreamedBody:
    """A request body on its way through, never whole in memory: taken from the client as upstream takes it."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.read = asyncio.Event()
        """Set when nothing more will be read."""
        self.failure: PlatformError | ClientGoneError | None = None
        """Why the body could not be read to its end."""

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        try:
            more = True
            while more:
                message = await self._next()
                more = message.get("more_body", False)
                if message.get("body"):
                    yield message["body"]
        except (PlatformError, ClientGoneError) as error:
            self.failure = error
            raise
        finally:
            self.read.set()

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == _DISCONNECT:
            raise ClientGoneError
        return message


async def relay(
    receive: Receive,
    send: Send,
    *,
    client: ServiceClient,
    method: str,
    path: str,
    body: bytes | StreamedBody | None,
    params: Query | None = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send the request on and stream the answer back, error bodies included, until the client leaves.

    Raises:
        PlatformError: upstream could not be reached or broke before its first byte. A break after it ends an
            event stream with an error event, and any other answer by closing the connection.
        ClientGoneError: the client left while its streamed body was being read.
    """

    async def work() -> None:
        async with client.open(method, path, body=body, params=params, headers=headers, any_status=True) as response:
            if response.status == 401:
                raise UpstreamError(f"{client.audience} refused the platform's own key; an operator has to look.")
            await _send_start(send, response)
            await _send_body(send, response, client.audience)

    if not isinstance(body, StreamedBody):
        await until_client_leaves(receive, work)
        return
    try:
        await until_client_leaves(receive, work, body_read=body.read)
    except PlatformError as error:
        raise body.failure or error from None  # upstream only saw the body end early


async def until_client_leaves(
    receive: Receive, work: Callable[[], Awaitable[None]], *, body_read: asyncio.Event | None = None
) -> bool:
    """Run `work`, cancelled as soon as the client disconnects; False when it was.

    Read the body before, or let `work` read it and set `body_read`.
    """
    this = asyncio.current_task()
    assert this is not None  # noqa: S101 - coroutines run in tasks
    left = False

    async def watch() -> None:
        nonlocal left
        await _disconnect(receive, body_read)
        left = True
        this.cancel()

    watching = asyncio.ensure_future(watch())  # one task beside this one: cheaper than racing two
    try:
        await work()
    except asyncio.CancelledError:
        if not left or this.uncancel() > 0:
            raise  # somebody else stops us, too
        return False
    else:
        return True
    finally:
        watching.cancel()


def broken_stream_event(service: str, error: Exception) -> bytes:
    """The last event of a stream whose upstream connection broke."""
    lost = f"The answer broke off: the connection to {service} was lost ({type(error).__name__})."
    return error_event(UpstreamError(lost, code="stream_interrupted"))


def error_event(error: PlatformError) -> bytes:
    """An error inside an event stream, in the shape that OpenAI's clients raise."""
    return b"data: " + orjson.dumps(error.body()) + b"\n\n"


async def _disconnect(receive: Receive, body_read: asyncio.Event | None) -> None:
    if body_read is not None:
        await body_read.wait()
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
        await send({"type": "http.response.body", "body": broken_stream_event(service, error), "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
