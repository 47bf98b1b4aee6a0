"""One request and what came of it so far: what is sent to the first replica, and to one that takes over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import orjson

from services.inference.adapters.fleet import Place
from services.inference.adapters.replica import Replica
from services.inference.domain.calls import ModelCall, Operation
from services.inference.domain.event_stream import Delivered, EventStream, Wishes
from services.inference.domain.resume import Complete, ContinuedStream, can_be_resumed, continuation

_USUAL_ANSWER_TOKENS = 256
_OURS = "ragworks"
_GENERATES = {Operation.CHAT, Operation.COMPLETION}


@dataclass(frozen=True)
class Attempt:
    """What one replica is sent, and how its stream is read."""

    path: str
    body: bytes
    stream: EventStream | ContinuedStream
    prompt_tokens: int = 0
    sent_tokens: int = 0
    """What the client has already, when another replica's stream goes on."""


class Exchange:
    """Made anew for each place (model) that is tried."""

    def __init__(self, call: ModelCall, body: Mapping[str, object], raw: bytes, place: Place) -> None:
        self.call = call
        self.place = place
        self.body = body
        self._raw = raw
        self._wishes = _wishes(body)
        streams = call.streams and call.operation in _GENERATES
        self._delivered = Delivered() if streams and len(place.pool.replicas) > 1 and can_be_resumed(body) else None

    def at(self, place: Place) -> "Exchange":
        """The same request to another model, of which nothing was delivered yet."""
        return Exchange(self.call, self.body, self._raw, place)

    def first_attempt(self, replica: Replica) -> Attempt:
        """The request as it came, with what we want to know beyond it."""
        is_asked = self.call.streams and self.call.operation in _GENERATES and self._can_ask(replica)
        delivered = self._delivered if replica.is_vllm else None
        stream = EventStream(is_ours=is_asked, wishes=self._wishes, delivered=delivered)
        return Attempt(self.call.operation.path, self._written(replica) if is_asked else self._plain(), stream)

    def next_attempt(self) -> Attempt | Complete | None:
        """How another replica takes over a stream that has begun; None when it cannot."""
        if self._delivered is None:
            return None
        plan = continuation(self.body, self._delivered, model=self.place.upstream_name, window=self.place.window)
        if plan is None or isinstance(plan, Complete):
            return plan
        stream = ContinuedStream(plan, self._delivered, wants_usage=self._wishes.usage)
        return Attempt(Operation.COMPLETION.path, plan.body, stream, plan.prompt_tokens, plan.sent_tokens)

    @property
    def generates(self) -> bool:
        """Whether tokens are written, for which there are places."""
        return self.call.operation in _GENERATES

    @property
    def service_tier(self) -> object:
        """The class that the client asks for, in OpenAI's field."""
        return self.body.get("service_tier")

    @property
    def estimated_tokens(self) -> float:
        """What the request will cost a replica: about a token in four bytes, and as many as it may write."""
        limit = self.body.get("max_completion_tokens") or self.body.get("max_tokens")
        written = limit if isinstance(limit, int) and limit > 0 else _USUAL_ANSWER_TOKENS
        return len(self._raw) / 4 + written

    @property
    def wants_usage(self) -> bool:
        """Whether the client asked for the usage event."""
        return self._wishes.usage

    def _can_ask(self, replica: Replica) -> bool:
        return replica.is_vllm or self.place.spec.kind == "openai"

    def _plain(self) -> bytes:
        if self.place.upstream_name == self.call.model and _OURS not in self.body:
            return self._raw
        return orjson.dumps({**_without_ours(self.body), "model": self.place.upstream_name})

    def _written(self, replica: Replica) -> bytes:
        options = {**cast("dict[str, object]", self.body.get("stream_options") or {}), "include_usage": True}
        more: dict[str, object] = {"model": self.place.upstream_name, "stream_options": options}
        if replica.is_vllm:
            options["continuous_usage_stats"] = True
            if self._delivered is not None:
                more["return_token_ids"] = True
        return orjson.dumps({**_without_ours(self.body), **more})


def _without_ours(body: Mapping[str, object]) -> Mapping[str, object]:
    """The request without what is meant for the platform alone."""
    return {name: value for name, value in body.items() if name != _OURS} if _OURS in body else body


def _wishes(body: Mapping[str, object]) -> Wishes:
    match body.get("stream_options"):
        case {**options}:
            usage, each = options.get("include_usage") is True, options.get("continuous_usage_stats") is True
        case _:
            usage, each = False, False
    return Wishes(usage=usage, usage_in_each=usage and each, token_ids=body.get("return_token_ids") is True)
