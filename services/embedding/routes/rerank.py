"""A question and texts in, the texts' scores out."""

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.embedding.dependencies import parts_of
from services.embedding.routes.leaving import unless_gone
from services.shared.contracts.rerank import RerankRequest, rerank_answer
from services.shared.kit.asgi import parse_json_object, read_body, read_model, send_json


class Rerank:
    """A plain ASGI endpoint: it drops the work of a client that left."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = parts_of(scope)
        request = read_model(RerankRequest, parse_json_object(await read_body(receive, max_bytes=parts.max_body_bytes)))
        scores = await unless_gone(receive, parts.reranker.scores(request.model, request.query, request.texts))
        await send_json(send, 200, rerank_answer(request, scores).model_dump(mode="json", exclude_none=True))


ROUTES = [Route("/v1/rerank", Rerank(), methods=["POST"], name="rerank")]
