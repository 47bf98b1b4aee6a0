"""The form a file is uploaded in."""

from dataclasses import replace
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from hashlib import sha256
from pathlib import Path

import pytest

from services.frontend.cli.multipart import FileForm, UnreadableFileError


def parse(form: FileForm) -> dict[str, EmailMessage]:
    headers = form.headers()
    body = b"".join(form.blocks())
    assert int(headers["content-length"]) == len(body)
    message = BytesParser(policy=HTTP).parsebytes(f"content-type: {headers['content-type']}\r\n\r\n".encode() + body)
    parts = [part for part in message.iter_parts() if isinstance(part, EmailMessage)]  # type: ignore[attr-defined]
    return {str(part.get_param("name", header="content-disposition")): part for part in parts}


def form_of(path: Path) -> FileForm:
    content = path.read_bytes()
    return FileForm(path, name=path.name, size_bytes=len(content), sha256=sha256(content).hexdigest())


def test_the_form_holds_the_bytes_the_name_and_the_purpose(tmp_path: Path) -> None:
    file = tmp_path / "note.bin"
    file.write_bytes(bytes(range(256)) * 3000)
    parts = parse(form_of(file))
    assert parts["file"].get_payload(decode=True) == file.read_bytes()
    assert parts["file"].get_filename() == "note.bin"
    assert parts["purpose"].get_content().strip() == "assistants"


def test_a_name_cannot_break_out_of_its_header(tmp_path: Path) -> None:
    file = tmp_path / "note"
    file.write_text("x")
    parts = parse(replace(form_of(file), name='a"; name="purpose\r\nx: y'))
    assert set(parts) == {"purpose", "file"}


def test_a_file_that_shrinks_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "note"
    file.write_text("short")
    with pytest.raises(UnreadableFileError, match="shorter"):
        list(replace(form_of(file), size_bytes=100).blocks())


def test_a_file_that_changes_is_reported_before_its_form_is_complete(tmp_path: Path) -> None:
    file = tmp_path / "note"
    file.write_text("before")
    form = form_of(file)
    file.write_text("after!")
    sent: list[bytes] = []
    with pytest.raises(UnreadableFileError, match="changed while it was read"):
        sent.extend(form.blocks())
    assert form.boundary.encode() + b"--" not in b"".join(sent)


def test_a_file_that_grows_is_sent_as_long_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "note"
    file.write_text("longer")
    form = form_of(file)
    file.write_text("longer than planned")
    assert parse(form)["file"].get_payload(decode=True) == b"longer"


def test_a_file_that_has_gone_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="No such file"):
        list(FileForm(tmp_path / "gone", name="gone", size_bytes=1, sha256="").blocks())
