"""Uploaded files, through the official client and raw."""

import os
import socket
import subprocess
from collections.abc import Generator
from pathlib import Path

import httpx2
import openai
import pytest

from services.shared.kit.auth import TOKEN_HEADER
from tests.integration.ingest.stack import Stack, new_stack
from tests.processes import wait_until
from tests.signed import Signed

_FORM = "multipart/form-data; boundary=b"


def _blobs(stack: Stack) -> set[str]:
    return {path.name for path in (stack.home / "files").glob("??/*")}


def test_a_file_comes_back_as_it_was_sent(stack: Stack) -> None:
    content = os.urandom(3_000_000)
    with stack.openai() as client:
        sent = client.files.create(file=("läsé me.bin", content), purpose="assistants")

        assert (sent.bytes, sent.filename, sent.purpose) == (len(content), "läsé me.bin", "assistants")
        assert client.files.retrieve(sent.id) == sent
        assert client.files.content(sent.id).read() == content


def test_a_deleted_file_is_gone_and_its_bytes_with_the_last_file_that_has_them(stack: Stack) -> None:
    with stack.openai() as client:
        first, second = (client.files.create(file=("a.txt", b"the same"), purpose="assistants") for _ in range(2))
        before = _blobs(stack)
        client.files.delete(first.id)
        assert client.files.content(second.id).read() == b"the same"
        assert _blobs(stack) == before
        client.files.delete(second.id)
        assert len(before) - len(_blobs(stack)) == 1
        with pytest.raises(openai.NotFoundError, match="upload it"):
            client.files.retrieve(second.id)


def test_listing_pages_through_all_files_in_both_directions(stack: Stack) -> None:
    with stack.openai() as client:
        sent = [client.files.create(file=(f"{n}.txt", b"x"), purpose="user_data").id for n in range(5)]

        forwards = [file.id for file in client.files.list(purpose="user_data", limit=2, order="asc")]
        backwards = [file.id for file in client.files.list(purpose="user_data", limit=2)]

        assert forwards == sent
        assert backwards == sent[::-1]
        with pytest.raises(openai.BadRequestError, match="from the start"):
            client.files.list(after="file-unknown")


def test_a_file_over_the_limit_is_refused_naming_the_limit_and_leaves_nothing(stack: Stack) -> None:
    stack.stop("corpus")
    stack.start("corpus", RAGWORKS_MAX_FILE_BYTES="100000")
    before = _blobs(stack)
    with stack.openai() as client:
        for size in (100_001, 5_000_000):  # found while reading, and by the declared length
            with pytest.raises(openai.APIStatusError, match="100,000 bytes") as refused:
                client.files.create(file=("big.bin", b"x" * size), purpose="assistants")
            assert refused.value.status_code == 413
        client.files.create(file=("fits.bin", b"y" * 100_000), purpose="assistants")
    stack.stop("corpus")

    assert len(_blobs(stack) - before) == 1
    assert list((stack.home / "files" / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"no boundary"),
        (_FORM, b"--b\r\nnot a form"),
        (_FORM, b'--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nx\r\n--b--\r\n'),
        (_FORM, b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nbroken off'),
    ],
)
def test_what_is_no_upload_form_is_refused_with_what_to_send(stack: Stack, content_type: str, body: bytes) -> None:
    with stack.corpus() as http:
        answer = http.post("/v1/files", content=body, headers={"content-type": content_type})

    assert answer.status_code == 400
    assert "multipart/form-data" in answer.json()["error"]["message"]
    assert list((stack.home / "files" / "incoming").iterdir()) == []


def test_a_service_killed_in_mid_upload_leaves_no_broken_file(stack: Stack) -> None:
    before = _blobs(stack)
    with stack.corpus() as http:
        files = http.get("/v1/files").json()["data"]
    connection = _half_an_upload(stack)
    incoming = stack.home / "files" / "incoming"
    wait_until(lambda: any(incoming.iterdir()), deadline_s=20, what="the upload to arrive")
    stack.kill("corpus")
    connection.close()
    stack.start("corpus")

    assert list(incoming.iterdir()) == []
    with stack.corpus() as http:
        assert http.get("/v1/files").json()["data"] == files
    assert _blobs(stack) == before


def test_a_client_that_leaves_in_mid_upload_leaves_no_file(stack: Stack) -> None:
    before = _blobs(stack)
    connection = _half_an_upload(stack)
    incoming = stack.home / "files" / "incoming"
    wait_until(lambda: any(incoming.iterdir()), deadline_s=20, what="the upload to arrive")
    connection.close()

    wait_until(lambda: not any(incoming.iterdir()), deadline_s=20, what="the half file to be removed")
    assert _blobs(stack) == before


def _half_an_upload(stack: Stack) -> socket.socket:
    """A connection that has sent the beginning of an upload."""
    url = stack.url("corpus")
    signed = next(Signed("corpus").auth_flow(httpx2.Request("POST", f"{url}/v1/files")))
    head = [
        "POST /v1/files HTTP/1.1",
        "host: corpus",
        f"{TOKEN_HEADER}: {signed.headers[TOKEN_HEADER]}",
        "content-type: multipart/form-data; boundary=b",
        "content-length: 9000000",
    ]
    part = b'--b\r\ncontent-disposition: form-data; name="file"; filename="half.bin"\r\n\r\n'
    connection = socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])))
    connection.sendall("\r\n".join([*head, "", ""]).encode() + part + b"x" * 3_000_000)
    return connection


@pytest.fixture
def full_disk(tmp_path: Path) -> Generator[Stack]:
    """A corpus service whose files lie on a disk of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    stack = new_stack(tmp_path / "home")
    try:
        stack.start("corpus", RAGWORKS_FILES_DIR=str(disk))
        yield stack
    finally:
        stack.stop()
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_said_and_nothing_is_half_written(full_disk: Stack, tmp_path: Path) -> None:
    with full_disk.openai() as client:
        kept = client.files.create(file=("small.bin", b"s" * 500_000), purpose="assistants")
        with pytest.raises(openai.APIStatusError, match="disk is full") as refused:
            client.files.create(file=("large.bin", b"l" * 4_000_000), purpose="assistants")

        assert refused.value.status_code == 507
        assert [file.id for file in client.files.list()] == [kept.id]
        assert list((tmp_path / "disk" / "incoming").iterdir()) == []
        client.files.create(file=("small-too.bin", b"t" * 500_000), purpose="assistants")
