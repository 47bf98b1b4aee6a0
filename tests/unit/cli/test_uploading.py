"""The form a file is uploaded in."""

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
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


def test_the_form_holds_the_bytes_the_name_and_the_purpose(tmp_path: Path) -> None:
    file = tmp_path / "note.bin"
    file.write_bytes(bytes(range(256)) * 3000)
    parts = parse(FileForm(file, name="note.bin", size_bytes=file.stat().st_size))
    assert parts["file"].get_payload(decode=True) == file.read_bytes()
    assert parts["file"].get_filename() == "note.bin"
    assert parts["purpose"].get_content().strip() == "assistants"


def test_a_name_cannot_break_out_of_its_header(tmp_path: Path) -> None:
    file = tmp_path / "note"
    file.write_text("x")
    parts = parse(FileForm(file, name='a"; name="purpose\r\nx: y', size_bytes=1))
    assert set(parts) == {"purpose", "file"}


def test_a_file_that_shrinks_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "note"
    file.write_text("short")
    with pytest.raises(UnreadableFileError, match="shorter"):
        list(FileForm(file, name="note", size_bytes=100).blocks())


def test_a_file_that_grows_is_sent_as_long_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "note"
    file.write_text("longer than planned")
    form = FileForm(file, name="note", size_bytes=6)
    assert parse(form)["file"].get_payload(decode=True) == b"longer"


def test_a_file_that_has_gone_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="No such file"):
        list(FileForm(tmp_path / "gone", name="gone", size_bytes=1).blocks())
