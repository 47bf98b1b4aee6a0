"""Cuts a stream of text into sentences as it comes, holding back as little of it as it can.

Where a sentence ends depends on the text alone, not on how the stream was cut: an end counts once the character
behind it is there. The numbers in brackets that a model writes by itself are taken out.
"""

import re
from dataclasses import dataclass, field

from services.shared.components.chunkers.sentences import sentence_spans

_OWN_MARK = re.compile(r"\s?\[\d{1,3}\]")
_UNFINISHED_MARK = re.compile(r"\s?(?:\[\d{0,3})?\Z")
_STOP = r""".!?…。！？｡．؟۔।॥։።"""
_CLOSING = r"""["'”’»›)\]」』】）》*_]"""
_HELD_END = re.compile(rf"(?:[{_STOP}]+{_CLOSING}*)?\s*\Z")
_OWN_END = re.compile(rf"(?P<body>.*?)(?P<end>[{_STOP}]*{_CLOSING}*)\Z", re.DOTALL)
_ENDS_BEFORE_MARK = re.compile(rf"[{_STOP}]")


@dataclass(frozen=True)
class SentenceEnd:
    """A sentence is complete: `text` is all of it but `terminator`, the stop and the white space that end it."""

    text: str
    terminator: str


Piece = str | SentenceEnd
"""Text of the running sentence that can be shown, or the end of it."""


@dataclass
class ClaimStream:
    """The state between two pieces of a stream."""

    _sentence: str = ""
    _shown: int = field(default=0)
    _held: str = ""

    def feed(self, delta: str) -> list[Piece]:
        """What can be shown now, in order."""
        text = _OWN_MARK.sub("", self._held + delta)
        cut = _start(_UNFINISHED_MARK, text)
        self._sentence, self._held = self._sentence + text[:cut], text[cut:]
        pieces = self._complete_sentences()
        ready = _start(_HELD_END, self._sentence)
        if ready > self._shown:
            pieces.append(self._sentence[self._shown : ready])
            self._shown = ready
        return pieces

    def finish(self) -> list[Piece]:
        """The rest, when the stream has ended; white space at the end goes."""
        self._sentence, self._held = self._sentence + _OWN_MARK.sub("", self._held), ""
        pieces = self._complete_sentences()
        rest = self._sentence.rstrip()
        return pieces + (self._ended(rest, "") if rest else [])

    def _complete_sentences(self) -> list[Piece]:
        pieces: list[Piece] = []
        while (end := _first_end(self._sentence)) is not None:
            text, rest = self._sentence[:end], self._sentence[end:]
            space = rest[: len(rest) - len(rest.lstrip())]
            pieces += self._ended(text, space)
            self._sentence = rest[len(space) :]
            self._shown = 0
        return pieces

    def _ended(self, sentence: str, space: str) -> list[Piece]:
        match = _OWN_END.match(sentence)
        stop = match["end"] if match and _ENDS_BEFORE_MARK.search(match["end"]) else ""
        text = sentence[: len(sentence) - len(stop)]
        unshown = text[self._shown :]
        return [*([unshown] if unshown else []), SentenceEnd(text, stop + space)]


def _first_end(text: str) -> int | None:
    """Where the first sentence ends, if that can be told already."""
    line_end = text.find("\n")
    line = text if line_end < 0 else text[:line_end]
    for _, end in sentence_spans(line, 0, len(line)):
        if line[end:].strip():
            return end
    if line_end < 0 or not text[line_end:].strip():
        return None
    return len(line.rstrip())


def _start(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.search(text)
    return match.start() if match else len(text)
