"""Calling a tool: a plain ASGI route, as an answer waits for it."""

from typing import cast

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.connectors.adapters.toolbox import Asker
from services.connectors.dependencies import Parts
from services.shared.contracts.tools import CallRequest
from services.shared.kit.asgi import parse_json_object, read_body, read_model, send_json
from services.shared.kit.context import principal


class Call:
    """`POST /api/tools/{name}/call`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = cast("Parts", scope["app"].state.parts)
        body = await read_body(receive, max_bytes=parts.max_body_bytes)
        request = read_model(CallRequest, parse_json_object(body) if body else {})
        asker = Asker(principal.get(), request.collection)
        result = await parts.caller.call(scope["path_params"]["name"], request, asker)
        await send_json(send, 200, result.model_dump(mode="json"))


ROUTES = [Route("/api/tools/{name}/call", Call(), methods=["POST"])]
