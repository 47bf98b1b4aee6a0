"""Which models there are: what the model servers list, asked when needed and kept for a short while."""

import asyncio
import time
from collections.abc import Collection, Mapping
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, ValidationError

from services.inference.errors import ModelNotFoundError
from services.shared.contracts.openai import Model
from services.shared.kit.errors import AuthenticationError, UpstreamError, UpstreamTimeoutError
from services.shared.kit.http import ServiceClient

_PATH = "/v1/models"
_ANSWER_S = 10
_LOOK_AGAIN = timedelta(seconds=1)
"""An unknown model is looked up anew, but not more often than this."""


class ModelSource:
    """The models of one model server."""

    def __init__(self, client: ServiceClient, ttl: timedelta) -> None:
        self._client = client
        self._ttl = ttl
        self._models: Mapping[str, Model] = {}
        self._read_at: float | None = None
        self._reading = asyncio.Lock()

    async def models(self) -> list[Model]:
        """All models, sorted by name.

        Raises:
            PlatformError: the server cannot be asked.
        """
        await self._refresh(self._ttl)
        return sorted(self._models.values(), key=lambda model: model.id)

    async def require(self, model: str) -> None:
        """Return when the server has the model.

        Raises:
            ModelNotFoundError: it has not; the message names those it has.
            PlatformError: the server cannot be asked.
        """
        await self._refresh(self._ttl if model in self._models else min(self._ttl, _LOOK_AGAIN))
        if model not in self._models:
            available = ", ".join(sorted(self._models)) or "none"
            raise ModelNotFoundError(
                f"The model '{model}' does not exist or does not do this; available here: {available}.",
                param="model",
            )

    async def read(self) -> Collection[str]:
        """The names of its models, asked for now; raises PlatformError."""
        await self._refresh(timedelta(0))
        return self._models.keys()

    @property
    def is_vllm(self) -> bool:
        """Whether the server said that it is vLLM."""
        return any(model.owned_by == "vllm" for model in self._models.values())

    def window(self, model: str) -> int | None:
        """The model's window in tokens, as far as the server has said it."""
        known = self._models.get(model)
        return known.max_model_len if known else None

    async def _refresh(self, max_age: timedelta) -> None:
        if self._is_fresh(max_age):
            return
        async with self._reading:
            if self._is_fresh(max_age):  # another request read it while this one waited
                return
            listed = _read(await self._ask(), self._client.audience)
            self._models = {entry.id: _model(entry) for entry in listed.data}
            self._read_at = time.monotonic()

    async def _ask(self) -> object:
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._client.get_json(_PATH)
        except TimeoutError as error:
            raise UpstreamTimeoutError(
                f"{self._client.audience} did not list its models within {_ANSWER_S} s."
            ) from error
        except AuthenticationError as error:  # our own key is wrong: not the fault of who asked us
            raise UpstreamError(f"{self._client.audience} refused the platform's own key.") from error

    def _is_fresh(self, max_age: timedelta) -> bool:
        return self._read_at is not None and time.monotonic() - self._read_at < max_age.total_seconds()


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())

    id: str
    created: int = 0
    owned_by: str = "ragworks"
    max_model_len: int | None = None


class _Listing(BaseModel):
    model_config = ConfigDict(frozen=True)

    data: list[_Entry]


def _read(answer: object, server: str) -> _Listing:
    try:
        return _Listing.model_validate(answer)
    except ValidationError as error:
        raise UpstreamError(f"The list of models of {server} could not be read.") from error


def _model(entry: _Entry) -> Model:
    return Model(id=entry.id, created=entry.created, owned_by=entry.owned_by, max_model_len=entry.max_model_len)
