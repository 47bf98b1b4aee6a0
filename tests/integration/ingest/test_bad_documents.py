"""Documents that cannot be ingested are reported; the others are."""

import io
import zipfile

from services.shared.contracts.corpus import JobStatus
from tests.integration.ingest.corpora import chapters, expected_points
from tests.integration.ingest.stack import Stack


def _bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"\0" * 400_000_000)
    return packed.getvalue()


def test_bad_files_are_reported_with_their_reason_and_the_job_goes_on(stack: Stack) -> None:
    stack.create("mixed")
    good = {"good.md": chapters("good"), "also-good.txt": b"Plain text about rivers."}
    bad = {
        "empty.txt": b"",
        "truncated.pdf": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog",
        "binary.md": bytes(range(256)) * 40,
        "bomb.docx": _bomb(),
        "spaces.txt": b" \n\t\n ",
    }

    job = stack.ingest("mixed", {**bad, **good})

    assert (job.status, job.total, job.done, job.failed) == (JobStatus.COMPLETED, 7, 2, 5)
    assert {failure.source for failure in job.failures} == set(bad)
    assert all(failure.reason.stage == "parse" and len(failure.reason.message) > 20 for failure in job.failures)
    assert set(stack.points("mixed")) == expected_points(stack, "mixed", good)


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
