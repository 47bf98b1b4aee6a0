"""Asking the platform, or the model behind it with a plain prompt."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.evaluate.answers.questions import GoldQuestion
from pipelines.evaluate.failures import PlatformRefusedError
from pipelines.evaluate.gateway import Gateway
from services.shared.contracts.answer_evaluation import AnswersOrder, AnswerSystem
from services.shared.contracts.answers import Claim, Verdict
from services.shared.contracts.openai import Citation, ModelList, Usage
from services.shared.contracts.search import SearchResponse

_CHAT = "/v1/chat/completions"
_PASSAGES = 4
_PLAIN_TOKENS = 64


@dataclass(frozen=True)
class GivenAnswer:
    """What came back."""

    text: str
    abstained: bool
    cited: tuple[str, ...]
    """Sources of the cited documents, each once."""
    verdicts: tuple[Verdict, ...]
    usage: Usage
    total_ms: float


def model_of(gateway: Gateway) -> str:
    """The model that answers when none is named: the first that can chat.

    Raises:
        PlatformRefusedError: none is served.
    """
    models = ModelList.model_validate_json(gateway.get("/v1/models")).data
    for model in models:
        if model.max_model_len is not None:
            return model.id
    raise PlatformRefusedError("The platform serves no language model.", hint="See 'ragworks status'.")


def ask(gateway: Gateway, question: GoldQuestion, *, order: AnswersOrder, collection: str, model: str) -> GivenAnswer:
    """One question and its answer."""
    started = time.perf_counter()
    if order.system is AnswerSystem.PLAIN:
        body = _plain(model, question.text, _passages(gateway, question.text, collection))
    else:
        body = _platform(question.text, collection, order)
    completion = json.loads(gateway.post(_CHAT, body))
    total_ms = round(1000 * (time.perf_counter() - started), 1)
    message = completion["choices"][0]["message"]
    citations = [Citation.model_validate(each) for each in message.get("citations") or []]
    claims = [Claim.model_validate(each) for each in message.get("claims") or []]
    usage = {name: completion.get("usage", {}).get(name) or 0 for name in Usage.model_fields}
    return GivenAnswer(
        text=message.get("content") or "",
        abstained=bool((completion.get("ragworks") or {}).get("abstained")),
        cited=tuple(dict.fromkeys(each.source for each in citations)),
        verdicts=tuple(claim.verdict for claim in claims if claim.start_index is not None),
        usage=Usage.model_validate(usage),
        total_ms=total_ms,
    )


def _platform(question: str, collection: str, order: AnswersOrder) -> dict[str, object]:
    options = {"form": order.form, "unsupported_claims": order.unsupported}
    return {
        "model": f"rag/{collection}",
        "messages": [{"role": "user", "content": question}],
        "temperature": 0,
        "ragworks": {name: value for name, value in options.items() if value is not None},
    }


def _plain(model: str, question: str, passages: Sequence[str]) -> dict[str, object]:
    text = "\n\n".join(passages)
    return {
        "model": model,
        "messages": [{"role": "user", "content": f"Passages:\n\n{text}\n\nQuestion: {question}\nAnswer:"}],
        "temperature": 0,
        "max_tokens": _PLAIN_TOKENS,
    }


def _passages(gateway: Gateway, question: str, collection: str) -> list[str]:
    answer = gateway.post("/api/search", {"collection": collection, "query": question, "limit": _PASSAGES})
    return [passage.chunk.text for passage in SearchResponse.model_validate_json(answer).passages]
