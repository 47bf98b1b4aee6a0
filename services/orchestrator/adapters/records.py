"""Records of answers as rows. Functions on a connection, as the ledger's are; blocking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, or_, select, update

from services.orchestrator.adapters import forgotten
from services.orchestrator.adapters.tables import record_documents, records, storable, visible_to
from services.orchestrator.domain.recording import without_words
from services.orchestrator.domain.viewer import Viewer
from services.orchestrator.errors import no_such_citation, no_such_record
from services.shared.contracts.records import Feedback, FeedbackRequest, Record, RecordSummary
from services.shared.kit.paging import AnyRow, Cursor, Page, fetch_page

_COLUMNS = frozenset(records.c.keys()) - {"seq", "rating", "feedback", "detail"}
_PURGED_AT_ONCE = 500


@dataclass(frozen=True)
class RecordFilter:
    """Which records; what is None does not matter."""

    collection: str | None = None
    conversation: str | None = None
    principal: str | None = None
    abstained: bool | None = None
    unsupported: bool | None = None
    feedback: Literal["any", "none", "up", "down"] | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def add(connection: Connection, made: Iterable[Record]) -> None:
    """Keep new records."""
    for each in made:
        documents = {passage.document_id for passage in each.passages}
        too_late = forgotten.are_forgotten(connection, documents, each.created_at)
        record = without_words(each) if too_late else each
        new = insert(records).values(**_values(record), created_at=record.created_at)
        seq = connection.execute(new.returning(records.c.seq)).scalar_one()
        if documents:
            connection.execute(
                insert(record_documents), [{"record_seq": seq, "document_id": each} for each in sorted(documents)]
            )


def get(connection: Connection, record_id: str, viewer: Viewer) -> Record:
    """The record of an answer, by the answer's id or by its request's.

    Raises:
        NotFoundError: there is none that the viewer may see.
    """
    return _to_record(_row(connection, record_id, viewer))


def page(connection: Connection, wanted: RecordFilter, cursor: Cursor, viewer: Viewer) -> Page[RecordSummary]:
    """A page of the records."""
    return fetch_page(connection, _query(wanted, viewer), table=records, cursor=cursor, to_item=_to_summary)


def following(
    connection: Connection, wanted: RecordFilter, viewer: Viewer, *, seq: int, limit: int
) -> list[tuple[int, Record]]:
    """The next records in full, oldest first, each with its `seq`; those behind `seq`, which may be gone by now."""
    query = _query(wanted, viewer).where(records.c.seq > seq).order_by(records.c.seq).limit(limit)
    return [(row.seq, _to_record(row)) for row in connection.execute(query)]


def say(connection: Connection, said: FeedbackRequest, viewer: Viewer, *, at: datetime) -> Record:
    """Keep feedback: fields that were sent replace, the others stay.

    Raises:
        NotFoundError: there is no such record that the viewer may see.
        InvalidRequestError: the answer has no citation of a number that is called wrong.
    """
    row = _row(connection, said.record_id, viewer, lock=True)
    _require_citations(said.wrong_citations or [], row)
    before = row.feedback or {}
    now = {**before, **said.said, "given_at": at, "given_by": viewer.principal}
    feedback = Feedback.model_validate({**now, "wrong_citations": now.get("wrong_citations") or []})
    stored = {"feedback": feedback.model_dump(mode="json"), "rating": feedback.rating}
    connection.execute(update(records).where(records.c.seq == row.seq).values(stored))
    return _to_record(row).model_copy(update={"feedback": feedback})


def remove(connection: Connection, record_id: str, viewer: Viewer) -> str:
    """Delete a record; its id.

    Raises:
        NotFoundError: there is no such record that the viewer may see.
    """
    row = _row(connection, record_id, viewer)
    connection.execute(delete(records).where(records.c.seq == row.seq))
    return row.id


def blank(connection: Connection, seqs: Sequence[int]) -> None:
    """Take all words from records; what people said of them stays, but for a corrected answer."""
    for seq in seqs:
        row = connection.execute(select(records).where(records.c.seq == seq).with_for_update()).one()
        record = without_words(_to_record(row))
        said = {**row.feedback, "corrected_answer": None} if row.feedback else None
        connection.execute(update(records).where(records.c.seq == seq).values(**_values(record), feedback=said))


def remove_older(connection: Connection, before: datetime) -> int:
    """Delete some of the records of earlier times; how many, fewer than 500 when none is left."""
    some = select(records.c.seq).where(records.c.created_at < before).limit(_PURGED_AT_ONCE)
    seqs: Sequence[int] = connection.execute(some).scalars().all()
    connection.execute(delete(records).where(records.c.seq.in_(seqs)))
    return len(seqs)


def _values(record: Record) -> dict[str, object]:
    """What a row says of the record, but when it was made and what people think of it."""
    everything = record.model_dump(mode="json", exclude={"feedback", "created_at"})
    columns = {name: storable(everything.pop(name)) for name in _COLUMNS - {"created_at"}}
    return {**columns, "detail": everything}


def _query(wanted: RecordFilter, viewer: Viewer) -> Select[Any]:
    return select(records).where(visible_to(viewer, records.c.principal), *_equal(wanted), *_within(wanted))


def _equal(wanted: RecordFilter) -> list[ColumnElement[bool]]:
    named = {
        "collection": wanted.collection,
        "conversation": wanted.conversation,
        "principal": wanted.principal,
        "abstained": wanted.abstained,
    }
    return [records.c[name] == value for name, value in named.items() if value is not None]


def _within(wanted: RecordFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.unsupported is not None:
        found.append(records.c.unsupported_claims > 0 if wanted.unsupported else records.c.unsupported_claims == 0)
    if wanted.feedback in {"any", "none"}:
        found.append(records.c.feedback.is_not(None) if wanted.feedback == "any" else records.c.feedback.is_(None))
    elif wanted.feedback is not None:
        found.append(records.c.rating == wanted.feedback)
    if wanted.text:
        texts = (records.c.question, records.c.answer)
        found.append(or_(*(text.icontains(wanted.text, autoescape=True) for text in texts)))
    if wanted.since is not None:
        found.append(records.c.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(records.c.created_at < wanted.until)
    return found


def _row(connection: Connection, record_id: str, viewer: Viewer, *, lock: bool = False) -> AnyRow:
    """The newest that has the id or, as the transaction id may come from the client, the request's."""
    query = select(records).where(visible_to(viewer, records.c.principal)).order_by(records.c.seq.desc()).limit(1)
    query = query.with_for_update() if lock else query
    for column in (records.c.id, records.c.request_id):
        row = connection.execute(query.where(column == record_id)).first()
        if row is not None:
            return row
    raise no_such_record(record_id)


def _require_citations(numbers: Sequence[int], row: AnyRow) -> None:
    cited = sorted({citation["number"] for citation in row.detail["citations"]})
    for number in numbers:
        if number not in cited:
            raise no_such_citation(number, cited)


def _to_summary(row: AnyRow) -> RecordSummary:
    return RecordSummary.model_validate(_kept(row))


def _to_record(row: AnyRow) -> Record:
    return Record.model_validate({**row.detail, **_kept(row)})


def _kept(row: AnyRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in (*_COLUMNS, "feedback")}
