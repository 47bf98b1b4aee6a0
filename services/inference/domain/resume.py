"""How a stream that broke goes on elsewhere: another replica reads the prompt and the tokens that were delivered.

Both are token ids, as the first engine reported them: nothing is tokenised a second time, so no token is repeated or
lost, and with greedy decoding the answer is the one that would have come.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from services.inference.domain.event_stream import DONE, END, Delivered

_PREFIX = b"data: "
_SAMPLING = (
    "temperature", "top_p", "top_k", "min_p", "seed", "frequency_penalty", "presence_penalty", "repetition_penalty",
    "stop_token_ids", "ignore_eos", "logit_bias", "bad_words", "allowed_token_ids", "skip_special_tokens",
    "spaces_between_special_tokens", "length_penalty", "user", "priority",
)  # fmt: skip
_NOT_RESUMED = (
    "stop", "logprobs", "top_logprobs", "prompt_logprobs", "structured_outputs", "guided_json", "guided_regex",
    "guided_choice", "guided_grammar", "echo", "suffix", "use_beam_search", "logits_processors", "tools", "functions",
    "truncate_prompt_tokens",
)  # fmt: skip


def can_be_resumed(body: Mapping[str, object]) -> bool:
    """Whether a broken stream of this request could be continued: one plain text that nothing else depends on.

    A stop string holds text back, a grammar or a parser of tools has read what came before: their state is lost.
    """
    if any(body.get(name) for name in _NOT_RESUMED) or body.get("n", 1) not in {None, 1}:
        return False
    if body.get("response_format") not in (None, {"type": "text"}):
        return False
    prompt = body.get("prompt")
    return not isinstance(prompt, list) or all(isinstance(token, int) for token in prompt)


@dataclass(frozen=True)
class Continuation:
    """What is to be asked of another replica."""

    body: bytes
    prompt_tokens: int
    sent_tokens: int
    head: Mapping[str, object]
    """The first event that the client had."""


@dataclass(frozen=True)
class Complete:
    """Nothing is left to generate: the stream only lacks its end."""

    prompt_tokens: int
    sent_tokens: int
    head: Mapping[str, object]
    reason: str | None
    """The finish reason that the client has not heard."""


def continuation(
    asked: Mapping[str, object], delivered: Delivered, *, model: str, window: int | None
) -> Continuation | Complete | None:
    """How the stream goes on; None when it cannot."""
    head = _event(delivered.head.partition(END)[0])
    prompt = _prompt_ids(head)
    if delivered.is_opaque or not prompt:
        return None
    finished = delivered.is_finished
    all_tokens = sum(ids.count(b",") + 1 for ids in delivered.tokens if ids)
    sent = delivered.token_ids()
    limit = _limit(asked, None if window is None else window - len(prompt))
    if finished or (limit is not None and all_tokens >= limit):
        return Complete(len(prompt), all_tokens, head, None if finished else "length")
    if limit is None:
        return None
    body: dict[str, object] = {name: asked[name] for name in _SAMPLING if name in asked}
    body |= {"model": model, "prompt": [*prompt, *sent], "max_tokens": limit - len(sent), "stream": True}
    body |= {"return_token_ids": True, "stream_options": {"include_usage": True, "continuous_usage_stats": True}}
    least = asked.get("min_tokens")
    if isinstance(least, int):
        body["min_tokens"] = max(0, least - len(sent))
    return Continuation(orjson.dumps(body), len(prompt), len(sent), head)


class ContinuedStream:
    """The events of the replica that took over, in the shape and under the id of those that came before."""

    def __init__(self, plan: Continuation, delivered: Delivered, *, wants_usage: bool) -> None:
        self._plan = plan
        self._delivered = delivered
        self._wants_usage = wants_usage
        self._rest = b""
        self.is_done = False
        self.error: bytes | None = None

    def feed(self, chunk: bytes) -> bytes:
        """As `EventStream.feed`."""
        whole, separator, self._rest = (self._rest + chunk).rpartition(END)
        return b"".join(self._turned(event) for event in whole.split(END) if event) if separator else b""

    def _turned(self, event: bytes) -> bytes:
        if event.startswith(DONE):
            self.is_done = True
            return event + END
        value = _event(event)
        if "error" in value:
            self.error = event.removeprefix(_PREFIX)
            return b""
        match value:
            case {"choices": [{"text": str(text), "token_ids": [*ids]} as choice]}:
                self._delivered.see_one([each for each in ids if isinstance(each, int)], has_text=bool(text))
                reason = choice.get("finish_reason")
                self._delivered.is_finished = reason is not None
                return written(self._plan.head, text, reason)
            case {"usage": {"completion_tokens": int(more)}}:
                return self._last(more)
            case _:
                return b""

    def _last(self, more: int) -> bytes:
        if not self._wants_usage:
            return b""
        return usage_event(self._plan.head, self._plan.prompt_tokens, self._plan.sent_tokens + more)


def written(head: Mapping[str, object], text: str, reason: object) -> bytes:
    """An event with some text, in the shape of the stream that began with `head`."""
    part: dict[str, object] = {"delta": {"content": text}} if _is_chat(head) else {"text": text}
    return _as_event(head, [{"index": 0, **part, "logprobs": None, "finish_reason": reason}])


def usage_event(head: Mapping[str, object], prompt: int, completion: int) -> bytes:
    """The event with the tokens of the whole answer."""
    usage = {"prompt_tokens": prompt, "total_tokens": prompt + completion, "completion_tokens": completion}
    return _as_event(head, [], usage=usage)


def _as_event(head: Mapping[str, object], choices: list[dict[str, object]], **more: object) -> bytes:
    event = {name: head.get(name) for name in ("id", "object", "created", "model")}
    return _PREFIX + orjson.dumps({**event, "choices": choices, **more}) + END


def _is_chat(head: Mapping[str, object]) -> bool:
    return head.get("object") == "chat.completion.chunk"


def _event(event: bytes) -> dict[str, object]:
    try:
        value = orjson.loads(event.removeprefix(_PREFIX))
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _prompt_ids(head: Mapping[str, object]) -> list[int]:
    match head:
        case {"prompt_token_ids": [*ids]} | {"choices": [{"prompt_token_ids": [*ids]}, *_]}:
            return [each for each in ids if isinstance(each, int)]
        case _:
            return []


def _limit(asked: Mapping[str, object], room: int | None) -> int | None:
    """The most tokens of the answer: as asked, else what the window leaves."""
    for name in ("max_completion_tokens", "max_tokens"):
        value = asked.get(name)
        if isinstance(value, int):
            return value
    return 16 if "prompt" in asked else room  # OpenAI's default of plain completions
