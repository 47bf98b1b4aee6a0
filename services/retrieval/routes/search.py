"""Search for the platform's own services."""

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.retrieval.dependencies import searcher_of
from services.shared.contracts.search import SearchRequest
from services.shared.kit.app import DEFAULT_MAX_BODY_BYTES
from services.shared.kit.asgi import parse_json_object, read_body, read_model, send_json
from services.shared.kit.context import principal


class Search:
    """Passages for the calling principal. A plain ASGI endpoint: everything that is answered waits for it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive, max_bytes=DEFAULT_MAX_BODY_BYTES)
        request = read_model(SearchRequest, parse_json_object(body))
        found = await searcher_of(scope).search(request, principal=principal.get())
        await send_json(send, 200, found.model_dump_json().encode())


ROUTES = [Route("/internal/search", Search(), methods=["POST"])]
