"""A question and texts in, the texts' scores out."""

from pydantic import ValidationError
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.embedding.dependencies import parts_of
from services.embedding.routes.leaving import unless_gone
from services.shared.contracts.rerank import RerankRequest, rerank_answer
from services.shared.kit.asgi import parse_json_object, read_body, send_json
from services.shared.kit.errors import InvalidRequestError


class Rerank:
    """A plain ASGI endpoint: it drops the work of a client that left."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = parts_of(scope)
        request = _read(await read_body(receive, max_bytes=parts.max_body_bytes))
        scores = await unless_gone(receive, parts.reranker.scores(request.model, request.query, request.texts))
        await send_json(send, 200, rerank_answer(request, scores).model_dump(mode="json", exclude_none=True))


def _read(body: bytes) -> RerankRequest:
    try:
        return RerankRequest.model_validate(parse_json_object(body))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "query"
        raise InvalidRequestError(f"{field}: {first['msg']}.", param=field) from error


ROUTES = [Route("/v1/rerank", Rerank(), methods=["POST"], name="rerank")]
