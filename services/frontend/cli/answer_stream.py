"""Reads an answer from a chat completion: its stages, its text as it comes, its citations."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from services.frontend.cli.exits import CliError
from services.frontend.cli.sse import DONE, ServerEvent
from services.shared.contracts.answers import Claim
from services.shared.contracts.openai import Citation


@dataclass(frozen=True)
class Stage:
    """The platform reached a step of the answer."""

    name: str
    detail: Mapping[str, object]


@dataclass(frozen=True)
class Text:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True)
class Cited:
    """Where the answer comes from, and what the check of its claims found."""

    citations: tuple[Citation, ...]
    claims: tuple[Claim, ...]


AnswerPart = Stage | Text | Cited


def parts_of_stream(events: Iterable[ServerEvent]) -> Iterator[AnswerPart]:
    """The parts of a streamed answer, in order.

    Raises:
        CliError: the platform ended the stream with an error, or it broke off.
    """
    for event in events:
        if event.data == DONE:
            return
        yield from _parts_of_chunk(json.loads(event.data))
    raise CliError("The answer broke off: the connection was lost.", hint="Ask again; see 'ragworks status'.")


def parts_of_whole(body: bytes) -> Iterator[AnswerPart]:
    """The parts of an answer that came as a whole."""
    completion = json.loads(body)
    yield from _parts_of_message(completion["choices"][0]["message"])
    if isinstance(facts := completion.get("ragworks"), dict):
        yield Stage("done", cast("dict[str, object]", facts))


def _parts_of_chunk(chunk: dict[str, Any]) -> Iterator[AnswerPart]:
    if "error" in chunk:
        raise CliError(str(chunk["error"].get("message", "The answer broke off.")))
    stage = chunk.get("ragworks")
    if isinstance(stage, dict) and "stage" in stage:
        detail = cast("dict[str, object]", stage)
        yield Stage(str(detail["stage"]), detail)
    for choice in chunk.get("choices", []):
        yield from _parts_of_message(choice.get("delta") or {})


def _parts_of_message(message: dict[str, Any]) -> Iterator[AnswerPart]:
    if message.get("content"):
        yield Text(str(message["content"]))
    if message.get("citations") or message.get("claims"):
        yield Cited(
            tuple(Citation.model_validate(citation) for citation in message.get("citations", [])),
            tuple(Claim.model_validate(claim) for claim in message.get("claims", [])),
        )
