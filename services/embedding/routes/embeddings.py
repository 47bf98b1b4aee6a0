"""Texts in, vectors out."""

import asyncio
from collections.abc import Coroutine

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.embedding.dependencies import parts_of
from services.embedding.domain.answers import embedding_list
from services.embedding.domain.requests import read_call
from services.shared.components.embedders.batching import EmbeddedBatch
from services.shared.kit.asgi import ClientGoneError, parse_json_object, read_body, send_json


class Embed:
    """A plain ASGI endpoint: it watches the connection, and drops the work of a client that left."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = parts_of(scope)
        body = await read_body(receive, max_bytes=parts.max_body_bytes)
        call = read_call(parse_json_object(body), max_inputs=parts.max_inputs)
        result = await _unless_gone(receive, parts.model.embed(call))
        answer = embedding_list(result.vectors, model=call.model, tokens=result.tokens, encoding=call.encoding)
        await send_json(send, 200, answer)


async def _unless_gone(receive: Receive, work: Coroutine[object, object, EmbeddedBatch]) -> EmbeddedBatch:
    """The work's result, or ClientGoneError and the work cancelled when the client leaves first."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_disconnect(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientGoneError
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


ROUTES = [Route("/v1/embeddings", Embed(), methods=["POST"], name="embeddings")]
