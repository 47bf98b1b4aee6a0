"""An answer with its claims checked while it streams: what is shown, what is marked, what is cited."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from services.orchestrator.domain.checking import CheckedClaim, ClaimChecker
from services.orchestrator.domain.claim_stream import ClaimStream, Piece, SentenceEnd
from services.orchestrator.domain.evidence import Evidence
from services.orchestrator.domain.repetition import Repetition
from services.orchestrator.domain.sources import Source
from services.shared.contracts.answers import Claim, ClaimEvidence, FlaggedValue, UnsupportedPolicy, Verdict
from services.shared.contracts.openai import Citation


@dataclass(frozen=True)
class Mark:
    """A `[n]` in an answer: which source it names and where it stands, in characters of the answer."""

    source: Source
    start: int
    end: int


@dataclass
class CheckedAnswer:
    """Puts ` [n]` behind what passages support, and deals with the rest by policy.

    No sentence is shown twice, unless the policy is to leave the text alone.
    """

    checker: ClaimChecker
    policy: UnsupportedPolicy
    marks: list[Mark] = field(default_factory=list[Mark])
    claims: list[Claim] = field(default_factory=list[Claim])
    _cited: list[Evidence] = field(default_factory=list[Evidence])
    _stream: ClaimStream = field(default_factory=ClaimStream)
    _repetition: Repetition = field(default_factory=Repetition)
    _sentence: str = ""
    _sentence_shown: int = 0
    _space: str = ""
    """White space that is shown before the next sentence, if there is one."""
    _shown_chars: int = 0

    async def feed(self, delta: str) -> str:
        """The text that can be shown now."""
        return await self._show(self._stream.feed(delta))

    async def finish(self) -> str:
        """The rest of the text, when the stream has ended."""
        return await self._show(self._stream.finish())

    def quote(self, lead: str, place: Evidence) -> str:
        """Words of ours and a passage's own sentence, cited, behind what was shown."""
        text = self._plain(lead + "“")
        claim = CheckedClaim(place.quote, 0, Verdict.SUPPORTED, 1.0, (replace(place, support=1.0),))
        self.claims.append(_as_claim(claim, self._shown_chars))
        return text + self._plain(place.quote + "”") + self._cite([claim])

    @property
    def supported(self) -> bool:
        """Whether anything in the answer is."""
        return bool(self._cited)

    @property
    def is_loop(self) -> bool:
        """Whether the model only repeats itself: there is no use in letting it go on."""
        return self._repetition.is_loop

    @property
    def shown(self) -> bool:
        """Whether any text was shown."""
        return self._shown_chars > 0

    def citations(self) -> list[Citation]:
        """What was cited: by number, then by place."""
        best: dict[tuple[int, int, int], Evidence] = {}
        for evidence in self._cited:
            place = evidence.source.number, evidence.start, evidence.end
            if place not in best or best[place].support < evidence.support:
                best[place] = evidence
        return [cite(best[place]) for place in sorted(best)]

    async def _show(self, pieces: Sequence[Piece]) -> str:
        return "".join([await self._shown(piece) for piece in pieces])

    async def _shown(self, piece: Piece) -> str:
        if isinstance(piece, SentenceEnd):
            return await self._end_sentence(piece)
        self._sentence += piece
        if self.policy is UnsupportedPolicy.DROP or self._repetition.may_become(self._sentence):
            return ""
        return self._rest_of_sentence()

    def _rest_of_sentence(self) -> str:
        text = self._sentence[self._sentence_shown :]
        space = self._plain(self._space) if text and not self._sentence_shown else ""
        self._sentence_shown = len(self._sentence)
        return space + self._plain(text)

    async def _end_sentence(self, end: SentenceEnd) -> str:
        off = self.policy is UnsupportedPolicy.OFF
        shown = (
            "" if not off and self._repetition.note(self._sentence, cut=not end.terminator) else await self._new(end)
        )
        self._sentence, self._sentence_shown = "", 0
        return shown

    async def _new(self, end: SentenceEnd) -> str:
        checked = await self.checker.check(self._sentence, terminator=end.terminator)
        supported = all(claim.verdict is Verdict.SUPPORTED for claim in checked)
        if self.policy is UnsupportedPolicy.DROP and not supported:
            return self._dropped(checked)
        text = self._rest_of_sentence()
        self.claims += [_as_claim(claim, self._shown_chars - len(self._sentence)) for claim in checked]
        verdict = self._cite(checked) if supported else self._plain(self._warning(checked))
        stop = self._plain(end.terminator.rstrip())
        self._space = end.terminator[len(stop) :]
        return text + verdict + stop

    def _dropped(self, checked: Sequence[CheckedClaim]) -> str:
        self.claims += [_as_claim(claim, None) for claim in checked]
        return ""

    def _warning(self, checked: Sequence[CheckedClaim]) -> str:
        if self.policy is not UnsupportedPolicy.MARK:
            return ""
        flagged = ", ".join(dict.fromkeys(value.text for claim in checked for value in claim.flagged))
        return f" [unverified: {flagged}]" if flagged else " [unverified]"

    def _cite(self, checked: Sequence[CheckedClaim]) -> str:
        evidence = [each for claim in checked for each in claim.evidence]
        self._cited += evidence
        sources = {each.source.number: each.source for each in evidence}
        text = self._plain(" ") if sources else ""
        for number in sorted(sources):
            start = self._shown_chars
            text += self._plain(f"[{number}]")
            self.marks.append(Mark(source=sources[number], start=start, end=self._shown_chars))
        return text

    def _plain(self, text: str) -> str:
        self._shown_chars += len(text)
        return text


def cite(evidence: Evidence) -> Citation:
    """The citation of a place, as it travels with the answer."""
    chunk = evidence.source.passage.chunk
    return Citation(
        number=evidence.source.number,
        chunk_id=evidence.source.passage.id,
        document_id=chunk.document_id,
        file_id=chunk.file_id,
        title=chunk.title,
        source=chunk.source,
        page=chunk.page,
        char_start=chunk.char_start + evidence.start,
        char_end=chunk.char_start + evidence.end,
        quote=evidence.quote,
        support=round(evidence.support, 3),
        chunk_char_start=chunk.char_start,
        chunk_char_end=chunk.char_end,
        score=evidence.source.passage.scores.fused,
    )


def _as_claim(checked: CheckedClaim, sentence_start: int | None) -> Claim:
    start = None if sentence_start is None else sentence_start + checked.start
    flagged = [FlaggedValue(kind=value.kind, text=value.text) for value in checked.flagged]
    return _claim(checked.text, start, checked.verdict, checked.support, checked.evidence, flagged)


def _claim(
    text: str,
    start: int | None,
    verdict: Verdict,
    support: float,
    evidence: Sequence[Evidence],
    flagged: list[FlaggedValue],
) -> Claim:
    return Claim(
        text=text,
        start_index=start,
        end_index=None if start is None else start + len(text),
        verdict=verdict,
        support=round(support, 3),
        evidence=[_claim_evidence(each) for each in evidence],
        flagged=flagged,
    )


def _claim_evidence(evidence: Evidence) -> ClaimEvidence:
    offset = evidence.source.passage.chunk.char_start
    return ClaimEvidence(
        number=evidence.source.number,
        char_start=offset + evidence.start,
        char_end=offset + evidence.end,
        quote=evidence.quote,
        support=round(evidence.support, 3),
    )
