"""How things stand with the next documents, read together and only for a moment."""

from collections.abc import Generator
from pathlib import Path

import pytest

from pipelines.ingest import look_ahead
from pipelines.ingest.ledger import Ledger
from pipelines.ingest.look_ahead import LookAhead
from pipelines.ingest.patience import impatient
from services.shared.components.catalogue import collections, files, jobs, steering
from services.shared.components.catalogue.catalogue import Catalogue, open_catalogue
from services.shared.components.catalogue.reasons import JobStop
from services.shared.components.catalogue.work import PendingDocument
from services.shared.kit.database import sqlite_url

_LONG_S = 3_600.0


@pytest.fixture
def catalogue(tmp_path: Path) -> Generator[Catalogue]:
    opened = open_catalogue(sqlite_url(tmp_path / "ledger.sqlite"))
    opened.create_schema()
    yield opened
    opened.close()


async def _expecting(catalogue: Catalogue) -> tuple[LookAhead, list[PendingDocument]]:
    with catalogue.write() as connection:
        collection = collections.create(connection, name="docs", embedding_model="m", dimensions=3, attributes={})
        entries: list[jobs.Entry] = []
        for number in range(40):
            files.lock_blob(connection, f"{number:064d}")
            file = files.create(connection, sha256=f"{number:064d}", size=1, filename="a.md", purpose="assistants")
            entries.append(jobs.Entry(file, f"{number}.md", {}))
        job_id = jobs.create(connection, collection, entries, access=["everyone"]).id
    ledger = Ledger(catalogue, impatient())
    job = await ledger.begin(job_id)
    assert job is not None
    pending = await ledger.pending(job_id, 0, batches=1)
    ahead = LookAhead(ledger, job)
    ahead.expect(pending)
    return ahead, pending


def _pause(catalogue: Catalogue, pending: PendingDocument) -> None:
    with catalogue.write() as connection:
        steering.pause(connection, pending.job_id)


async def test_what_was_read_together_counts_for_a_moment(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_ahead, "_FRESH_S", _LONG_S)
    ahead, pending = await _expecting(catalogue)
    assert (await ahead.look(pending[0])).standing.sha256 == pending[0].content
    _pause(catalogue, pending[0])
    stops = [(await ahead.look(each)).standing.stop for each in pending[1:]]
    assert stops[:31] == [None] * 31, "these were read with the first"
    assert set(stops[31:]) == {JobStop.PAUSED}


async def test_what_is_older_is_read_again(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_ahead, "_FRESH_S", -_LONG_S)
    ahead, pending = await _expecting(catalogue)
    assert (await ahead.look(pending[0])).standing.stop is None
    _pause(catalogue, pending[0])
    assert (await ahead.look(pending[1])).standing.stop is JobStop.PAUSED
