"""What an answer said already: small models end up in loops, and nobody needs to read a sentence twice."""

from dataclasses import dataclass, field

_FEWEST_WORDS = 4
"""Shorter sentences may return in an answer with good reason, as in a table or a list."""
_A_LOOP = 2
"""Repeats one after another from which on a model says nothing new: with these it goes on to its last token."""


@dataclass
class Repetition:
    """The sentences of one answer, compared as they are written."""

    dropped_in_a_row: int = 0
    _said: set[str] = field(default_factory=set[str])

    def may_become(self, begun: str) -> bool:
        """Whether a sentence that begins like this can still turn out to be one that was said."""
        return any(said.startswith(begun) for said in self._said)

    def note(self, sentence: str, *, cut: bool) -> bool:
        """Whether a complete sentence was said already, or one that was `cut` off was the begin of such a one."""
        if sentence in self._said or (cut and self.may_become(sentence)):
            self.dropped_in_a_row += 1
            return True
        self.dropped_in_a_row = 0
        if len(sentence.split()) >= _FEWEST_WORDS:
            self._said.add(sentence)
        return False

    @property
    def is_loop(self) -> bool:
        """Whether the model goes round in circles."""
        return self.dropped_in_a_row >= _A_LOOP
