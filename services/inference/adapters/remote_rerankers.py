"""A remote reranker behind the API that the platform's own has: asked once, as a search goes on without it.

Neither texts nor the key are ever logged, and the platform's own headers (signature, request id) do not leave it.
"""

from types import TracebackType
from typing import Literal, Self

import aiohttp
import orjson
from pydantic import SecretStr, ValidationError
from starlette.types import Receive, Send

from services.inference.domain.rerank_wire import from_wire, to_wire
from services.inference.errors import ModelNotFoundError, RerankEndpointError
from services.shared.contracts.rerank import RerankRequest, rerank_answer
from services.shared.kit.asgi import parse_json_object, send_json
from services.shared.kit.errors import InvalidRequestError, RateLimitedError, UnavailableError, UpstreamTimeoutError
from services.shared.kit.relay import until_client_leaves

_BUSY = 429


class RemoteRerankings:
    """One endpoint under the name the platform gives its reranker."""

    def __init__(
        self,
        address: str,
        model: str,
        *,
        api: Literal["cohere", "tei"],
        model_there: str,
        key: SecretStr | None,
        timeout_s: float,
    ) -> None:
        self._address = address
        self._model = model
        self._api = api
        self._model_there = model_there
        self._key = key
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        key = self._key.get_secret_value() if self._key else None
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._timeout_s),
            headers={"authorization": f"Bearer {key}"} if key else None,
            trust_env=True,  # a proxy, where one is the only way out
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def answer(self, body: bytes, *, receive: Receive, send: Send) -> None:
        """Rank there, and answer in the platform's shape; a client that leaves ends the request."""
        request = read_rerank(body)
        if request.model != self._model:
            raise ModelNotFoundError(
                f"The reranker '{request.model}' does not exist; available: {self._model}.", param="model"
            )

        async def work() -> None:
            scores = await self._scores(request)
            await send_json(send, 200, rerank_answer(request, scores).model_dump(mode="json", exclude_none=True))

        await until_client_leaves(receive, work)

    async def _scores(self, request: RerankRequest) -> list[float]:
        body = orjson.dumps(to_wire(request, api=self._api, model=self._model_there))
        status, answered = await self._post(body)
        if status == _BUSY:
            raise RateLimitedError("The remote reranker takes no more requests now.")
        if status in {401, 403}:
            raise RerankEndpointError(
                "The remote reranker refused the platform's key; check secrets/rerank-endpoint.key.",
                code="rerank_key_refused",
            )
        if status != 200:
            raise RerankEndpointError(
                f"The remote reranker at {self._address} answered with HTTP status {status}; check "
                "RAGWORKS_RERANK_ENDPOINT, its model and its log."
            )
        return from_wire(_json_or_none(answered), api=self._api, texts=len(request.documents))

    async def _post(self, body: bytes) -> tuple[int, bytes]:
        if self._session is None:
            raise UnavailableError("The remote reranker is not open yet.")
        headers = {"content-type": "application/json"}
        try:
            async with self._session.post(
                f"{self._address}/rerank", data=body, headers=headers, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise UpstreamTimeoutError(f"The remote reranker was silent for {self._timeout_s:g} s.") from error
        except aiohttp.ClientError as error:
            raise UnavailableError(f"The remote reranker at {self._address} cannot be reached.") from error


def read_rerank(body: bytes) -> RerankRequest:
    """The request in a body; raises InvalidRequestError."""
    try:
        return RerankRequest.model_validate(parse_json_object(body))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "query"
        raise InvalidRequestError(f"{field}: {first['msg']}.", param=field) from error


def _json_or_none(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
