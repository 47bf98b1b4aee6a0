"""Conversations and their turns as rows. Functions on a connection, as the ledger's are; blocking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from services.orchestrator.adapters import forgotten
from services.orchestrator.adapters.tables import conversations, response_documents, responses, storable, visible_to
from services.orchestrator.domain.viewer import Viewer
from services.orchestrator.errors import conversation_is_gone, no_such_conversation, no_such_response
from services.shared.contracts.responses import Conversation, ConversationInFull, Turn, TurnMessage
from services.shared.kit.paging import AnyRow, Cursor, Page, fetch_page

WORDLESS: Mapping[str, object] = {"output": "", "body": None}
"""What a turn has of its answer when that is gone."""

_MOST_TURNS_READ = 400
_TITLE_CHARS = 80
_PURGED_AT_ONCE = 500


@dataclass(frozen=True)
class Thread:
    """Where a new turn goes on: in which conversation, behind which turn (None: again at its start), after what."""

    conversation_id: str
    previous_id: str | None
    history: tuple[TurnMessage, ...]


@dataclass(frozen=True)
class NewTurn:
    """An answered turn that is to be kept."""

    id: str
    conversation_id: str
    previous_id: str | None
    begins: bool
    """Its conversation begins with it."""
    principal: str | None
    collection: str
    created_at: datetime
    messages: Sequence[TurnMessage]
    output: str
    body: dict[str, Any]
    documents: frozenset[str]
    asked_at: datetime


def new_conversation_id() -> str:
    """An id for a conversation that begins."""
    return f"conv_{uuid4().hex}"


def thread_behind(connection: Connection, response_id: str, principal: str | None) -> Thread:
    """The thread that ends with a response of the principal's own, with its newest 400 turns.

    Raises:
        NotFoundError: there is no such response.
    """
    row = _turn(connection, response_id, _own(principal))
    return _thread(connection, row)


def thread_of(connection: Connection, conversation_id: str, principal: str | None) -> Thread:
    """The thread that ends with the newest turn of a conversation of the principal's own.

    Raises:
        NotFoundError: there is no such conversation.
    """
    newest = _turns(_own(principal)).where(responses.c.conversation_id == conversation_id)
    row = connection.execute(newest.order_by(responses.c.seq.desc()).limit(1)).first()
    if row is None:
        raise no_such_conversation(conversation_id)
    return _thread(connection, row)


def thread_from_start(connection: Connection, conversation_id: str, principal: str | None) -> Thread:
    """A thread that begins a conversation of the principal's own again.

    Raises:
        NotFoundError: there is no such conversation.
    """
    return replace(thread_of(connection, conversation_id, principal), previous_id=None, history=())


def keep(connection: Connection, turn: NewTurn) -> None:
    """Add a turn, and its conversation with the first.

    Raises:
        ConflictError: the conversation was deleted while the answer was made.
    """
    if turn.begins:
        title = next((each.text for each in turn.messages if each.role == "user"), "")
        begun = {"id": turn.conversation_id, "principal": turn.principal, "collection": turn.collection}
        times = {"created_at": turn.created_at, "updated_at": turn.created_at}
        named = {"title": storable(" ".join(title.split())[:_TITLE_CHARS])}
        connection.execute(insert(conversations).values(**begun, **times, **named))
    else:
        this = conversations.c.id == turn.conversation_id
        going_on = connection.execute(update(conversations).where(this).values(updated_at=turn.created_at))
        if not going_on.rowcount:
            raise conversation_is_gone(turn.conversation_id)
    answer: Mapping[str, object] = {"output": storable(turn.output), "body": turn.body}
    if forgotten.are_forgotten(connection, turn.documents, turn.asked_at):
        answer = WORDLESS
    new = insert(responses).values(
        id=turn.id,
        conversation_id=turn.conversation_id,
        previous_id=turn.previous_id,
        created_at=turn.created_at,
        input=[message.model_dump() for message in turn.messages],
        **answer,
    )
    seq = connection.execute(new.returning(responses.c.seq)).scalar_one()
    if turn.documents:
        rows = [{"response_seq": seq, "document_id": each} for each in sorted(turn.documents)]
        connection.execute(insert(response_documents), rows)


def get_response(connection: Connection, response_id: str, viewer: Viewer) -> dict[str, Any]:
    """A response as it was sent.

    Raises:
        NotFoundError: there is none that the viewer may see.
    """
    row = connection.execute(
        _turns(visible_to(viewer, conversations.c.principal)).where(responses.c.id == response_id)
    ).first()
    if row is None or row.body is None:
        raise no_such_response(response_id)
    return row.body


def remove_response(connection: Connection, response_id: str, viewer: Viewer) -> None:
    """Remove a turn's words; its conversation goes with the last of its turns.

    Raises:
        NotFoundError: there is none that the viewer may see.
    """
    row = connection.execute(
        _turns(visible_to(viewer, conversations.c.principal)).where(responses.c.id == response_id)
    ).first()
    if row is None or row.body is None:
        raise no_such_response(response_id)
    connection.execute(update(responses).where(responses.c.seq == row.seq).values(input=[], **WORDLESS))
    same = (responses.c.conversation_id == row.conversation_id, responses.c.body.is_not(None))
    if connection.execute(select(responses.c.id).where(*same).limit(1)).first() is None:
        connection.execute(delete(conversations).where(conversations.c.id == row.conversation_id))


def page(connection: Connection, cursor: Cursor, viewer: Viewer) -> Page[Conversation]:
    """A page of the conversations."""
    query = _listed(viewer)
    return fetch_page(connection, query, table=conversations, cursor=cursor, to_item=_to_conversation)


def get(connection: Connection, conversation_id: str, viewer: Viewer) -> ConversationInFull:
    """A conversation with all its turns.

    Raises:
        NotFoundError: there is none that the viewer may see.
    """
    row = connection.execute(_listed(viewer).where(conversations.c.id == conversation_id)).first()
    if row is None:
        raise no_such_conversation(conversation_id)
    turns = select(responses).where(responses.c.conversation_id == conversation_id).order_by(responses.c.seq)
    said = [_to_turn(each) for each in connection.execute(turns)]
    return ConversationInFull(**dict(_to_conversation(row)), said=said)


def rename(connection: Connection, conversation_id: str, title: str, viewer: Viewer) -> None:
    """Call a conversation something else.

    Raises:
        NotFoundError: there is none that the viewer may see.
    """
    this = (conversations.c.id == conversation_id, visible_to(viewer, conversations.c.principal))
    if not connection.execute(update(conversations).where(*this).values(title=storable(title))).rowcount:
        raise no_such_conversation(conversation_id)


def remove(connection: Connection, conversation_id: str, viewer: Viewer) -> None:
    """Delete a conversation with all its turns.

    Raises:
        NotFoundError: there is none that the viewer may see.
    """
    this = (conversations.c.id == conversation_id, visible_to(viewer, conversations.c.principal))
    if not connection.execute(delete(conversations).where(*this)).rowcount:
        raise no_such_conversation(conversation_id)


def remove_older(connection: Connection, before: datetime) -> int:
    """Delete some of the conversations that rest since earlier times; how many."""
    some = select(conversations.c.id).where(conversations.c.updated_at < before).limit(_PURGED_AT_ONCE)
    ids: Sequence[str] = connection.execute(some).scalars().all()
    connection.execute(delete(conversations).where(conversations.c.id.in_(ids)))
    return len(ids)


def _turns(whose: ColumnElement[bool]) -> Select[Any]:
    joined = responses.join(conversations, conversations.c.id == responses.c.conversation_id)
    return select(responses).select_from(joined).where(whose)


def _turn(connection: Connection, response_id: str, whose: ColumnElement[bool]) -> AnyRow:
    row = connection.execute(_turns(whose).where(responses.c.id == response_id)).first()
    if row is None or row.body is None:
        raise no_such_response(response_id)
    return row


def _own(principal: str | None) -> ColumnElement[bool]:
    return conversations.c.principal.is_not_distinct_from(principal)


def _thread(connection: Connection, last: AnyRow) -> Thread:
    same = responses.c.conversation_id == last.conversation_id
    newest = select(responses).where(same, responses.c.seq <= last.seq).order_by(responses.c.seq.desc())
    turns = {row.id: row for row in connection.execute(newest.limit(_MOST_TURNS_READ))}
    chain: list[AnyRow] = []
    row = turns.get(last.id)
    while row is not None:
        chain.append(row)
        row = turns.get(row.previous_id)
    history = [message for each in reversed(chain) for message in _to_turn(each).messages]
    return Thread(last.conversation_id, last.id, tuple(history))


def _listed(viewer: Viewer) -> Select[Any]:
    turns = select(func.count()).where(responses.c.conversation_id == conversations.c.id).scalar_subquery()
    return select(conversations, turns.label("turns")).where(visible_to(viewer, conversations.c.principal))


def _to_conversation(row: AnyRow) -> Conversation:
    return Conversation(**{name: getattr(row, name) for name in Conversation.model_fields})


def _to_turn(row: AnyRow) -> Turn:
    deleted = row.body is None
    answer = [] if deleted else [TurnMessage(role="assistant", text=row.output)]
    return Turn(
        response_id=row.id,
        previous_response_id=row.previous_id,
        created_at=row.created_at,
        deleted=deleted,
        messages=[*(TurnMessage.model_validate(each) for each in row.input), *answer],
    )
