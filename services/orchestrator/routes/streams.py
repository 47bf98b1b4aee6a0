"""Sending a stream of server-sent events, piece by piece."""

from starlette.types import Send


async def start_stream(send: Send, first: bytes) -> None:
    """The response's head and its first events."""
    headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send_piece(send, first)


async def send_piece(send: Send, data: bytes) -> None:
    """Some more events, if there are any."""
    if data:
        await send({"type": "http.response.body", "body": data, "more_body": True})


async def end_stream(send: Send) -> None:
    """The response is complete."""
    await send({"type": "http.response.body", "body": b"", "more_body": False})
