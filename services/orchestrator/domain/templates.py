"""Prompt templates: what a model is told, with places that are filled in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Messages = list[dict[str, str]]

_PLACE = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True)
class Example:
    """What a question of the kind is answered with."""

    values: Mapping[str, str]
    answer: str


@dataclass(frozen=True)
class PromptTemplate:
    """A template, and the version that records name it by."""

    version: str
    """Its name and the start of its content's SHA-256: `answer@1a2b3c4d`."""
    system: str
    user: str
    examples: Sequence[Example] = ()

    @property
    def places(self) -> frozenset[str]:
        """The names of what is filled into the user's message."""
        return frozenset(_PLACE.findall(self.user))

    def message(self, **values: str) -> str:
        """The user's message; what is filled in is taken as it is, braces included."""
        return _PLACE.sub(lambda place: values[place[1]], self.user)

    def with_examples(self, **values: str) -> Messages:
        """The conversation: instructions, each example with its answer, then the message."""
        messages = [{"role": "system", "content": self.system}]
        for example in self.examples:
            messages.append({"role": "user", "content": self.message(**example.values)})
            messages.append({"role": "assistant", "content": example.answer})
        return [*messages, {"role": "user", "content": self.message(**values)}]


@dataclass(frozen=True)
class PromptTemplates:
    """All of them."""

    answer: PromptTemplate
    phrase: PromptTemplate
    rewrite: PromptTemplate
