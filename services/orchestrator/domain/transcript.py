"""A conversation as a page to read."""

from collections.abc import Iterator

from services.shared.contracts.responses import ConversationInFull, Turn

_SPEAKERS = {"user": "Question", "assistant": "Answer", "system": "Instruction", "developer": "Instruction"}


def as_markdown(conversation: ConversationInFull) -> str:
    """Title, then every turn; a turn that does not follow the one above it says which one it follows."""
    lines = [
        f"# {conversation.title}",
        f"{conversation.id}, collection {conversation.collection}, begun {conversation.created_at:%Y-%m-%d %H:%M} UTC",
    ]
    above: str | None = None
    for turn in conversation.said:
        lines += _told(turn, above)
        above = turn.response_id
    return "\n\n".join(lines) + "\n"


def _told(turn: Turn, above: str | None) -> Iterator[str]:
    behind = "" if turn.previous_response_id == above else f", after {turn.previous_response_id}"
    yield f"## {turn.created_at:%Y-%m-%d %H:%M} UTC, {turn.response_id}{behind}"
    if turn.deleted:
        yield "(deleted)"
    for message in turn.messages:
        yield f"**{_SPEAKERS[message.role]}**: {message.text}"
