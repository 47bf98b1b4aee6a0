"""The record of an answer, collected from its events while it is made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.orchestrator.domain.events import AnswerEvent, Asking, Finished, Found, Text
from services.orchestrator.domain.question import Question
from services.shared.contracts.answers import Claim, RecordLevel, Verdict
from services.shared.contracts.openai import Citation, Usage
from services.shared.contracts.records import Record, RecordedPassage
from services.shared.contracts.search import Passage

CANCELLED = "cancelled"
FAILED = "failed"
_LEVELS = (RecordLevel.OFF, RecordLevel.METADATA, RecordLevel.FULL)


@dataclass
class RecordDraft:
    """An answer under way. What is not noted at the end did not happen: the client left, or it failed."""

    id: str
    question: Question
    level: RecordLevel
    request_id: str | None
    principal: str | None
    conversation: str | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    _found: Found | None = None
    _asking: Asking | None = None
    _text: list[str] = field(default_factory=list[str])
    _finished: Finished | None = None
    _error_code: str | None = None

    @property
    def is_kept(self) -> bool:
        """Whether anything of it will be stored."""
        return self.level is not RecordLevel.OFF

    @property
    def is_finished(self) -> bool:
        """Whether the answer came to its end."""
        return self._finished is not None

    def note(self, event: AnswerEvent) -> None:
        """Keep what an event says."""
        match event:
            case Text(text=text):
                self._text.append(text)
            case Found():
                self._found = event
            case Asking():
                self._asking = event
            case Finished():
                self._finished = event
            case _:
                pass

    def fail(self, code: str) -> None:
        """The answer ended with an error."""
        self._error_code = code

    def record(self) -> Record:
        """The record, with as many words as its level allows."""
        found, asking, finished = self._found, self._asking, self._finished
        claims = finished.claims if finished else []
        record = Record(
            id=self.id,
            request_id=self.request_id,
            created_at=self.created_at,
            principal=self.principal,
            collection=self.question.collection,
            conversation=self.conversation,
            level=self.level,
            question=self.question.text,
            answer="".join(self._text),
            model=asking.model if asking else None,
            prompt=asking.prompt if asking else None,
            finish_reason=self._reason(),
            error_code=self._error_code,
            abstained=finished.abstained if finished else False,
            unsupported_claims=sum(claim.verdict is not Verdict.SUPPORTED for claim in claims),
            query="\n".join(found.queries) if found and found.queries != [self.question.text] else None,
            passages=_recorded(found.passages if found else [], in_prompt=asking.passages if asking else 0),
            messages=asking.messages if asking else None,
            usage=finished.usage if finished else Usage(),
            timings_ms=finished.timings_ms if finished else {},
            claims=claims,
            citations=finished.citations if finished else [],
        )
        return record if self.level is RecordLevel.FULL else without_words(record)

    def _reason(self) -> str:
        if self._finished is not None:
            return self._finished.reason
        return FAILED if self._error_code else CANCELLED


def allowed_level(platform: RecordLevel, asked: RecordLevel | None, *, store: bool) -> RecordLevel:
    """How much of an answer is kept: a request can ask for less than the platform keeps, never for more.

    `store` is OpenAI's; false asks for no words.
    """
    levels = [platform, asked or RecordLevel.FULL, RecordLevel.FULL if store else RecordLevel.METADATA]
    return min(levels, key=_LEVELS.index)


def without_words(record: Record) -> Record:
    """The same with no word of question, passages and answer: `metadata`."""
    blank = {"title": None, "source": None, "text": None}
    return record.model_copy(
        update={
            "level": RecordLevel.METADATA,
            "question": None,
            "answer": None,
            "query": None,
            "messages": None,
            "passages": [passage.model_copy(update=blank) for passage in record.passages],
            "claims": [_wordless_claim(claim) for claim in record.claims],
            "citations": [_wordless_citation(citation) for citation in record.citations],
        }
    )


def _recorded(passages: Sequence[Passage], *, in_prompt: int) -> list[RecordedPassage]:
    return [
        RecordedPassage(
            number=number,
            in_prompt=number <= in_prompt,
            chunk_id=passage.id,
            document_id=passage.chunk.document_id,
            file_id=passage.chunk.file_id,
            page=passage.chunk.page,
            char_start=passage.chunk.char_start,
            char_end=passage.chunk.char_end,
            scores=passage.scores,
            title=passage.chunk.title,
            source=passage.chunk.source,
            text=passage.chunk.text,
        )
        for number, passage in enumerate(passages, start=1)
    ]


def _wordless_claim(claim: Claim) -> Claim:
    evidence = [each.model_copy(update={"quote": ""}) for each in claim.evidence]
    flagged = [each.model_copy(update={"text": ""}) for each in claim.flagged]
    return claim.model_copy(update={"text": "", "evidence": evidence, "flagged": flagged})


def _wordless_citation(citation: Citation) -> Citation:
    return citation.model_copy(update={"title": "", "source": "", "quote": ""})
