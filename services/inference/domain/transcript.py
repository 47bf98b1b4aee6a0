"""The answer in the bytes that a client was sent: whole, or the events of a stream put together again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

from services.shared.contracts.requests import RequestOutput

_DATA = b"data: "
_END = b"\n\n"


@dataclass
class _Choice:
    index: int
    content: list[str] = field(default_factory=list[str])
    reasoning: list[str] = field(default_factory=list[str])
    tool_calls: dict[int, dict[str, object]] = field(default_factory=dict[int, dict[str, object]])
    finish_reason: str | None = None

    def output(self) -> RequestOutput:
        """The choice as it is kept."""
        return RequestOutput(
            index=self.index,
            content="".join(self.content),
            reasoning="".join(self.reasoning),
            tool_calls=[self.tool_calls[number] for number in sorted(self.tool_calls)],
            finish_reason=self.finish_reason,
        )


def read_answer(sent: bytes) -> list[RequestOutput]:
    """The choices of an answer; what cannot be read (cut off, an error) is left out."""
    choices = dict[int, _Choice]()
    for value in _values(sent):
        match value:
            case {"choices": [*parts]}:
                for part in parts:
                    _add(choices, part)
            case _:
                pass
    return [choices[index].output() for index in sorted(choices)]


def _values(sent: bytes) -> Iterable[object]:
    if not sent.startswith(_DATA):
        yield _json(sent)
        return
    for event in sent.split(_END):
        if event.startswith(_DATA):
            yield _json(event[len(_DATA) :])


def _json(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def _add(choices: dict[int, _Choice], part: object) -> None:
    if not isinstance(part, dict):
        return
    index = part.get("index")
    choice = choices.setdefault(index if isinstance(index, int) else 0, _Choice(index if isinstance(index, int) else 0))
    said = part.get("delta") or part.get("message") or part
    if isinstance(said, dict):
        _add_said(choice, said)
    reason = part.get("finish_reason")
    if isinstance(reason, str):
        choice.finish_reason = reason


def _add_said(choice: _Choice, said: Mapping[str, object]) -> None:
    for names, pieces in (
        (("content", "text"), choice.content),
        (("reasoning", "reasoning_content"), choice.reasoning),
    ):
        pieces += [text for name in names if isinstance(text := said.get(name), str)]
    calls = said.get("tool_calls")
    if isinstance(calls, list):
        for position, call in enumerate(calls):
            _add_call(choice.tool_calls, call, position)


def _add_call(calls: dict[int, dict[str, object]], piece: object, position: int) -> None:
    """The first piece of a call has its id and name; the pieces of its arguments follow."""
    match piece:
        case {"index": int(number)}:
            pass
        case {}:
            number = position
        case _:
            return
    call = calls.setdefault(number, {"id": None, "type": "function", "function": {"name": "", "arguments": ""}})
    match piece:
        case {"id": str(call_id)}:
            call["id"] = call_id
        case _:
            pass
    match piece, call["function"]:
        case {"function": {**new}}, {"name": str(name), "arguments": str(arguments)}:
            call["function"] = {
                "name": name + str(new.get("name") or ""),
                "arguments": arguments + str(new.get("arguments") or ""),
            }
        case _:
            pass
