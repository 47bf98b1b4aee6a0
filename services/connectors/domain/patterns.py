"""Questions that lead to a tool: `order {order}` finds the order in "Where is order A-17?"."""

import re
from collections.abc import Iterable

from services.shared.components.connectors.declaration import Declared
from services.shared.contracts.tools import ToolCall

_MOST_QUESTION_CHARS = 1_000
_PLACE = re.compile(r"\{(\w+)\}")


def calls_for(question: str, connectors: Iterable[Declared]) -> list[ToolCall]:
    """The calls that the question asks for, each once, in the order of the patterns."""
    found: list[ToolCall] = []
    for declared in connectors:
        for pattern in declared.questions:
            match = _compiled(pattern.ask).search(question[:_MOST_QUESTION_CHARS])
            if match:
                values = {name: value.strip("\"'“”") for name, value in match.groupdict().items()}
                call = ToolCall(name=f"{declared.name}.{pattern.tool}", arguments={**pattern.arguments, **values})
                found += [] if call in found else [call]
    return found


def _compiled(ask: str) -> re.Pattern[str]:
    """A value is one word, or several in quotation marks; white space is any."""
    parts, end = list[str](), 0
    for place in _PLACE.finditer(ask):
        parts += [_words(ask[end : place.start()]), rf"(?P<{place[1]}>\"[^\"]{{1,200}}\"|“[^”]{{1,200}}”|[\w.@/-]*\w)"]
        end = place.end()
    return re.compile("".join([*parts, _words(ask[end:])]), re.IGNORECASE)


def _words(text: str) -> str:
    return r"\s+".join(re.escape(each) for each in re.split(r"\s+", text))
