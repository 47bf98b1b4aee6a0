"""Documents that cannot be ingested are reported, each with its reason; the others are ingested."""

import itertools
import json
import os
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from tests.integration.ingest.bad_files import EXPECTED, GOOD, write_bad_files
from tests.integration.ingest.corpora import chapters, expected_points
from tests.integration.ingest.stack import Stack
from tests.platforms import ragworks
from tests.processes import start_process, wait_ready

_CHANGING = "changing.md"
_VERSION = "# Version {:09}\n\nIt changes all the time."


@dataclass(frozen=True)
class Ingested:
    """What `ragworks ingest` said about the folder, and what it left in the index."""

    exit_code: int
    report: Mapping[str, object]
    failures: Mapping[str, tuple[str, str]]
    sources: frozenset[str]
    points: frozenset[str]


@pytest.fixture(scope="module")
def ingested(running_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    """The folder of bad files, ingested by the command through the gateway."""
    stack = running_stack.as_usual()
    stack.processes["gateway"] = start_process("services.gateway", stack.env)
    wait_ready(f"{stack.url('gateway')}/healthz", 60, process=stack.processes["gateway"])
    folder = tmp_path_factory.mktemp("files") / "bad"
    write_bad_files(folder)
    with _rewritten(folder / _CHANGING):
        arguments = ("ingest", str(folder), "--relative-to", str(folder), "--collection", "bad", "--json")
        result = ragworks(*arguments, env={**stack.env, "RAGWORKS_API_KEY": ""}, timeout_s=240)
    assert result.stdout, result.stderr
    report = json.loads(result.stdout)
    return Ingested(
        exit_code=result.returncode,
        report=report,
        failures={failure["source"]: (failure["code"], failure["message"]) for failure in report["failures"]},
        sources=frozenset(str(point["source"]) for point in stack.points("bad").values()),
        points=frozenset(stack.points("bad")),
    )


@contextmanager
def _rewritten(path: Path) -> Generator[None]:
    """The file has another content, of the same length, every millisecond."""
    stop = threading.Event()
    path.write_text(_VERSION.format(0))

    def rewrite() -> None:
        with path.open("r+b", buffering=0) as file:
            for number in itertools.takewhile(lambda _: not stop.wait(0.001), itertools.count(1)):
                os.pwrite(file.fileno(), _VERSION.format(number).encode(), 0)

    thread = threading.Thread(target=rewrite)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_bad_file_is_reported_with_a_reason_its_owner_understands(ingested: Ingested, name: str) -> None:
    expected_code, words = EXPECTED[name]
    code, message = ingested.failures[name]
    assert (code, words in message) == (expected_code, True), (code, message)


def test_a_file_that_changes_while_it_is_read_is_reported(ingested: Ingested) -> None:
    code, message = ingested.failures[_CHANGING]
    assert (code, "changed while it was read" in message) == ("unreadable", True), message


def test_the_good_files_among_them_are_ingested_in_one_job(stack: Stack, ingested: Ingested) -> None:
    assert ingested.exit_code == 4
    assert ingested.failures.keys() == {*EXPECTED, _CHANGING}
    assert (ingested.report["done"], ingested.report["errors"]) == (len(GOOD), [])
    assert len(cast("list[str]", ingested.report["jobs"])) == 1
    assert ingested.sources == GOOD.keys()
    assert ingested.points == expected_points(stack, "bad", dict(GOOD))


def test_a_new_version_that_cannot_be_read_leaves_the_old_one_searchable(stack: Stack) -> None:
    stack.create("kept")
    stack.ingest("kept", {"a.md": chapters("a")})
    points = stack.points("kept")

    job = stack.ingest("kept", {"a.md": b""})

    assert job.failed == 1
    assert stack.points("kept") == points
    with stack.corpus() as http:
        collection = http.get("/api/collections/kept").json()
        documents = http.get("/api/documents", params={"collection": "kept"}).json()["data"]
    assert (collection["documents"], collection["failed_documents"]) == (1, 1)
    assert [document["chunks"] for document in documents] == [len(points)]
