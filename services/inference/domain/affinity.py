"""Which replica a request goes to: the one that served its conversation, unless that has more than its share.

A replica keeps the beginning of a prompt it has read, so the next turn of a conversation is cheapest there. The share
is bounded as in consistent hashing with bounded loads (Mirrokni et al., 2018): a quarter above the mean.
"""

import random
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar, cast

_REMEMBERED = 16_384
_ABOVE_MEAN = 1.25
_PROMPT_CHARS = 1024


class Loaded(Protocol):
    """Something that has requests under way."""

    @property
    def running(self) -> int: ...


Candidate = TypeVar("Candidate", bound=Loaded)


class StickyLeastLoaded:
    """Remembers where conversations are; new ones go where the fewest requests run."""

    def __init__(self) -> None:
        self._places: OrderedDict[int, Loaded] = OrderedDict()

    def choose(self, candidates: Sequence[Candidate], key: int) -> Candidate:
        """One of the candidates, which are at least one."""
        if len(candidates) == 1:
            return candidates[0]
        home = self._places.get(key)
        total = sum(candidate.running for candidate in candidates)
        bound = _ABOVE_MEAN * (total + 1) / len(candidates)
        for candidate in candidates:
            if candidate is home and candidate.running < max(bound, 1):
                self._places.move_to_end(key)
                return candidate
        fewest = min(candidate.running for candidate in candidates)
        chosen = random.choice([each for each in candidates if each.running == fewest])  # noqa: S311
        self._remember(key, chosen)
        return chosen

    def _remember(self, key: int, place: Loaded) -> None:
        self._places[key] = place
        self._places.move_to_end(key)
        if len(self._places) > _REMEMBERED:
            self._places.popitem(last=False)


def affinity_key(body: Mapping[str, object]) -> int:
    """The same number for the turns of one conversation: its own key, else how its prompt begins."""
    match body:
        case {"prompt_cache_key": str(own)}:
            return hash(own)
        case {"messages": [*messages]}:
            return hash(tuple(_text(message) for message in _to_first_question(messages)))
        case {"prompt": str(prompt)}:
            return hash(prompt[:_PROMPT_CHARS])
        case {"prompt": [*tokens]}:
            return hash(str(tokens[:_PROMPT_CHARS]))
        case _:
            return 0


def _to_first_question(messages: Sequence[object]) -> Sequence[object]:
    for position, message in enumerate(messages):
        if isinstance(message, dict) and cast("dict[str, object]", message).get("role") == "user":
            return messages[: position + 1]
    return messages[:2]


def _text(message: object) -> str:
    match message:
        case {"content": str(content)}:
            return content
        case _:
            return str(message)[:_PROMPT_CHARS]
