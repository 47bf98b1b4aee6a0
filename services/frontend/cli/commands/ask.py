"""`ragworks ask`: a question to a collection, its answer as it is made, and where it comes from."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console

from services.frontend.cli.answer_stream import AnswerPart, Cited, Stage, Text, parts_of_stream, parts_of_whole
from services.frontend.cli.gateway import Gateway, open_gateway
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import notices, output, place, plain, print_json
from services.shared.contracts.openai import Citation

_CHAT = "/v1/chat/completions"
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
    abstained: bool

    def as_dict(self) -> dict[str, object]:
        """The answer for `--json`."""
        return {
            "question": self.question,
            "model": self.model,
            "answer": self.text,
            "abstained": self.abstained,
            "citations": [citation.model_dump(mode="json") for citation in self.citations],
        }


def run(question: str, *, collection: str, model: str | None, stream: bool, url: str | None, as_json: bool) -> None:
    """Ask, and print the answer with its sources."""
    gateway = open_gateway(running_settings(url=url))
    asked = model or f"rag/{collection}"
    if as_json:
        with _parts(gateway, question, model=asked, stream=stream) as parts:
            print_json(_collect(question, asked, parts).as_dict())
        return
    ask_and_print(gateway, question, model=asked, to=output(), stream=stream)


def ask_and_print(gateway: Gateway, question: str, *, model: str, to: Console, stream: bool = True) -> Answer:
    """Ask, printing the answer as it is made, then its sources."""
    with _parts(gateway, question, model=model, stream=stream) as parts:
        answer = _collect(question, model, _printed(parts, to))
    to.print()
    _print_sources(answer.citations, to)
    return answer


@contextmanager
def _parts(gateway: Gateway, question: str, *, model: str, stream: bool) -> Generator[Iterator[AnswerPart]]:
    body = {"model": model, "messages": [{"role": "user", "content": question}], "stream": stream}
    if stream:
        with gateway.stream(_CHAT, body) as events:
            yield parts_of_stream(events)
    else:
        yield parts_of_whole(gateway.post(_CHAT, body))


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


def _collect(question: str, model: str, parts: Iterator[AnswerPart]) -> Answer:
    text: list[str] = []
    citations: tuple[Citation, ...] = ()
    abstained = False
    for part in parts:
        match part:
            case Text(piece):
                text.append(piece)
            case Cited(found):
                citations = found
            case Stage(name, _):
                abstained = abstained or name == "abstain"
    return Answer(question, model, "".join(text), citations, abstained)


def _print_sources(citations: tuple[Citation, ...], console: Console) -> None:
    if not citations:
        return
    console.print("\n[bold]Sources[/]")
    for citation in citations:
        where = place(citation.title, source=citation.source, page=citation.page)
        console.print(f"  [accent]\\[{citation.number}][/] {where}")
