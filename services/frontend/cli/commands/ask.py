"""`ragworks ask`: a question to a collection, its answer as it is made, and where it comes from."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby

from rich.console import Console

from services.frontend.cli.answer_stream import AnswerPart, Cited, Stage, Text, parts_of_stream, parts_of_whole
from services.frontend.cli.gateway import Gateway, open_gateway
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import notices, output, place, plain, print_json, safe
from services.shared.contracts.answers import AnswerOptions, Claim, Verdict
from services.shared.contracts.openai import Citation

_CHAT = "/v1/chat/completions"
_QUOTE_CHARS = 200
_STAGES = {
    "retrieve": "Searching the collection …",
    "prompt": "Choosing passages …",
    "generate": "Thinking …",
    "cite": "Looking for sources …",
}


@dataclass(frozen=True)
class Answer:
    """A question's complete answer."""

    question: str
    model: str
    text: str
    citations: tuple[Citation, ...]
    claims: tuple[Claim, ...]
    abstained: bool
    record_id: str | None = None
    """By which feedback can be given; None when nothing is kept of it."""

    def as_dict(self) -> dict[str, object]:
        """The answer for `--json`."""
        return {
            "question": self.question,
            "model": self.model,
            "answer": self.text,
            "abstained": self.abstained,
            "citations": [citation.model_dump(mode="json") for citation in self.citations],
            "claims": [claim.model_dump(mode="json") for claim in self.claims],
            "record_id": self.record_id,
        }


@dataclass(frozen=True)
class Asked:
    """A question to a model, and how it is to be answered."""

    question: str
    model: str
    stream: bool = True
    options: AnswerOptions = field(default_factory=AnswerOptions)

    def body(self) -> dict[str, object]:
        """The chat request."""
        messages = [{"role": "user", "content": self.question}]
        body: dict[str, object] = {"model": self.model, "messages": messages, "stream": self.stream}
        if chosen := self.options.model_dump(mode="json", exclude_none=True):
            body["ragworks"] = chosen
        return body


def run(
    question: str,
    *,
    collection: str,
    model: str | None,
    stream: bool,
    options: AnswerOptions,
    url: str | None,
    as_json: bool,
) -> None:
    """Ask, and print the answer with its sources."""
    gateway = open_gateway(running_settings(url=url))
    asked = Asked(question, model or f"rag/{collection}", stream, options)
    if as_json:
        with _parts(gateway, asked) as parts:
            print_json(_collect(asked, parts).as_dict())
        return
    _ask_and_print(gateway, asked, to=output())


def ask_and_print(gateway: Gateway, question: str, *, model: str, to: Console) -> Answer:
    """Ask, printing the answer as it is made, then its sources."""
    return _ask_and_print(gateway, Asked(question, model), to=to)


def _ask_and_print(gateway: Gateway, asked: Asked, *, to: Console) -> Answer:
    with _parts(gateway, asked) as parts:
        answer = _collect(asked, _printed(parts, to))
    to.print()
    _print_sources(answer.citations, to)
    _print_doubts(answer.claims, to)
    if answer.record_id and to.is_terminal:
        to.print(f"\n[dim]Was it right? ragworks feedback {safe(answer.record_id)} --up or --down[/]")
    return answer


@contextmanager
def _parts(gateway: Gateway, asked: Asked) -> Generator[Iterator[AnswerPart]]:
    if asked.stream:
        with gateway.stream(_CHAT, asked.body()) as events:
            yield parts_of_stream(events)
    else:
        yield parts_of_whole(gateway.post(_CHAT, asked.body()))


def _printed(parts: Iterator[AnswerPart], console: Console) -> Iterator[AnswerPart]:
    """The same parts; a status line until the first word, then the words."""
    status = notices().status("Asking …", spinner_style="accent")
    status.start()
    try:
        for part in parts:
            if isinstance(part, Stage) and part.name in _STAGES:
                status.update(_STAGES[part.name])
            elif isinstance(part, Text):
                status.stop()
                console.print(plain(part.text), end="", markup=False, soft_wrap=True)
            yield part
    finally:
        status.stop()


def _collect(asked: Asked, parts: Iterator[AnswerPart]) -> Answer:
    text: list[str] = []
    cited = Cited((), ())
    abstained, record_id = False, None
    for part in parts:
        match part:
            case Text(piece):
                text.append(piece)
            case Cited():
                cited = part
            case Stage(_, detail):
                abstained = abstained or detail.get("abstained") is True
                record_id = detail.get("record_id", record_id)
    kept = record_id if isinstance(record_id, str) else None
    return Answer(asked.question, asked.model, "".join(text), cited.citations, cited.claims, abstained, kept)


def _print_sources(citations: tuple[Citation, ...], console: Console) -> None:
    """Each cited passage once, with what is quoted from it."""
    if not citations:
        return
    console.print("\n[bold]Sources[/]")
    for number, quoted in groupby(citations, key=lambda citation: citation.number):
        first, *others = quoted
        where = place(first.title, source=first.source, page=first.page)
        console.print(f"  [accent]\\[{number}][/] {where}")
        for citation in (first, *others):
            console.print(f"      [dim]{safe(_shortened(citation.quote))}[/]", highlight=False)


def _print_doubts(claims: tuple[Claim, ...], console: Console) -> None:
    doubtful = [claim for claim in claims if claim.verdict is not Verdict.SUPPORTED]
    if not doubtful:
        return
    console.print("\n[bold]Not verified[/]")
    for claim in doubtful:
        flagged = ", ".join(f"{value.kind.value} {value.text}" for value in claim.flagged)
        why = f"in no passage: {flagged}" if flagged else f"{claim.verdict.value} by the passages"
        left_out = " (left out)" if claim.start_index is None else ""
        console.print(f"  {safe(_shortened(claim.text))}{left_out}", highlight=False)
        console.print(f"      [dim]{safe(why)}[/]", highlight=False)


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _QUOTE_CHARS else words[:_QUOTE_CHARS].rsplit(" ", 1)[0] + " …"
