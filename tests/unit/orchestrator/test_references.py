"""What is deleted leaves no words in records and conversations, whatever is being answered meanwhile."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.orchestrator.adapters import conversations, forgotten, records, references
from services.orchestrator.adapters.conversations import NewTurn
from services.orchestrator.adapters.tables import metadata
from services.orchestrator.domain.events import Found, Text
from services.orchestrator.domain.question import Question
from services.orchestrator.domain.recording import RecordDraft
from services.orchestrator.domain.viewer import Viewer
from services.shared.contracts.answers import RecordLevel
from services.shared.contracts.principals import OPERATOR
from services.shared.contracts.records import FeedbackRequest, Rating, Record
from services.shared.contracts.references import References, ReferencesTo
from services.shared.contracts.responses import TurnMessage
from services.shared.kit.database import open_database, sqlite_url
from services.shared.kit.errors import NotFoundError
from services.shared.kit.tables import Tables
from tests.unit.orchestrator.passages import passage

ASKED = datetime(2026, 5, 1, tzinfo=UTC)
DELETED = ASKED + timedelta(minutes=1)
FERRY, LAMP = "document-0", "document-1"
ALL = Viewer(OPERATOR)
QUESTION = Question(
    collection="docs", text="what is it", system="", history=(), sampling={}, answer_tokens=50, include_usage=False
)


@pytest.fixture
def tables(tmp_path: Path) -> Generator[Tables]:
    made = Tables(open_database(sqlite_url(tmp_path / "db.sqlite")), metadata)
    made.create_schema()
    yield made
    made.close()


def record(identity: str, *, at: datetime = ASKED, principal: str = "key:anna") -> Record:
    draft = RecordDraft(identity, QUESTION, RecordLevel.FULL, "request", principal, created_at=at)
    draft.note(Found(["what is it"], [passage("It is a ferry."), passage("A lamp.", index=1)]))
    draft.note(Text("A ferry."))
    return draft.record()


def turn(
    identity: str, *, behind: str | None = None, at: datetime = ASKED, documents: frozenset[str] = frozenset({FERRY})
) -> NewTurn:
    return NewTurn(
        id=identity,
        conversation_id="conv",
        previous_id=behind,
        begins=behind is None,
        principal="key:anna",
        collection="docs",
        created_at=at,
        messages=[TurnMessage(role="user", text="what is it")],
        output="A ferry.",
        body={"id": identity, "output": "A ferry."},
        documents=documents,
        asked_at=at,
    )


def forget(tables: Tables, *documents: str, principal: str | None = None) -> References:
    with tables.write() as connection:
        return references.forget(
            connection, ReferencesTo(document_ids=list(documents), principal=principal, until=DELETED)
        )


def left(tables: Tables, *documents: str, principal: str | None = None) -> References:
    meant = ReferencesTo(document_ids=list(documents), principal=principal, until=datetime.now(UTC))
    with tables.read() as connection:
        return references.there_are(connection, meant)


def stored(tables: Tables, identity: str) -> Record:
    with tables.read() as connection:
        return records.get(connection, identity, ALL)


def add(tables: Tables, *made: Record) -> None:
    with tables.write() as connection:
        records.add(connection, made)


def keep(tables: Tables, *turns: NewTurn) -> None:
    with tables.write() as connection:
        for each in turns:
            conversations.keep(connection, each)


def words_of(tables: Tables) -> list[tuple[str, str]]:
    with tables.read() as connection:
        said = conversations.get(connection, "conv", ALL).said
    return [(message.role, message.text) for each in said for message in each.messages]


def test_a_record_loses_its_words_and_keeps_its_numbers(tables: Tables) -> None:
    add(tables, record("a"))
    with tables.write() as connection:
        said = FeedbackRequest(record_id="a", rating=Rating.UP, comment="good", corrected_answer="The ferry.")
        records.say(connection, said, ALL, at=ASKED)
    assert left(tables, FERRY) == References(records=1, turns=0)

    assert forget(tables, FERRY) == References(records=1, turns=0)

    now = stored(tables, "a")
    assert (now.level, now.question, now.answer, now.messages) == (RecordLevel.METADATA, None, None, None)
    assert [(each.document_id, each.text, each.source) for each in now.passages] == [
        (FERRY, None, None),
        (LAMP, None, None),
    ]
    assert now.feedback is not None
    assert (now.feedback.rating, now.feedback.comment, now.feedback.corrected_answer) == (Rating.UP, "good", None)
    assert left(tables, FERRY, LAMP) == References(records=0, turns=0)


def test_records_of_other_documents_and_of_later_questions_keep_their_words(tables: Tables) -> None:
    add(tables, record("later", at=DELETED + timedelta(seconds=1)))
    assert forget(tables, FERRY, "another") == References(records=0, turns=0)
    assert stored(tables, "later").answer == "A ferry."


def test_an_answer_that_was_under_way_is_kept_without_words(tables: Tables) -> None:
    forget(tables, FERRY)
    add(tables, record("late"), record("new", at=DELETED + timedelta(seconds=1)))
    keep(tables, turn("resp"))
    assert stored(tables, "late").answer is None
    assert stored(tables, "new").answer == "A ferry."
    assert words_of(tables) == [("user", "what is it")]


def test_what_was_forgotten_last_counts_when_a_document_is_forgotten_twice(tables: Tables) -> None:
    with tables.write() as connection:
        forgotten.remember(connection, [FERRY], DELETED)
        forgotten.remember(connection, [FERRY, FERRY], ASKED - timedelta(days=1))
        assert forgotten.are_forgotten(connection, {FERRY}, ASKED)
        assert forgotten.remove_older(connection, DELETED + timedelta(days=1)) == 1
        assert not forgotten.are_forgotten(connection, {FERRY}, ASKED)


def test_an_answer_goes_from_its_conversation_and_what_the_user_said_stays(tables: Tables) -> None:
    keep(tables, turn("first"), turn("second", behind="first", documents=frozenset({LAMP})))
    assert left(tables, FERRY) == References(records=0, turns=1)

    assert forget(tables, FERRY) == References(records=0, turns=1)

    assert words_of(tables) == [("user", "what is it"), ("user", "what is it"), ("assistant", "A ferry.")]
    assert left(tables, FERRY) == References(records=0, turns=0)
    with tables.read() as connection:
        with pytest.raises(NotFoundError):
            conversations.get_response(connection, "first", ALL)
        history = conversations.thread_of(connection, "conv", "key:anna").history
        assert [message.text for message in history] == ["what is it", "what is it", "A ferry."]


def test_all_that_a_principal_asked_goes(tables: Tables) -> None:
    add(tables, record("a"), record("b", principal="key:bert"))
    keep(tables, turn("first"))
    assert left(tables, principal="key:anna") == References(records=1, turns=1)

    assert forget(tables, principal="key:anna") == References(records=1, turns=1)

    assert left(tables, principal="key:anna") == References(records=0, turns=0)
    assert stored(tables, "b").answer == "A ferry."
    with pytest.raises(NotFoundError):
        stored(tables, "a")
