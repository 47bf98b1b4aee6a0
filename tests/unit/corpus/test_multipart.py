"""Reading an upload form piece by piece."""

from collections.abc import AsyncIterator

import pytest

from services.corpus.adapters.multipart import UploadForm, read_upload
from services.shared.kit.errors import InvalidRequestError

_TYPE = "multipart/form-data; boundary=line"


def _form(*parts: tuple[str, bytes]) -> bytes:
    body = b"".join(
        b"--line\r\ncontent-disposition: form-data; " + head.encode() + b"\r\n\r\n" + content + b"\r\n"
        for head, content in parts
    )
    return body + b"--line--\r\n"


async def _read(body: bytes, *, step: int = 65536) -> tuple[UploadForm, bytes]:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), step):
            yield body[start : start + step]

    received = bytearray()

    async def sink(data: bytes) -> None:
        received.extend(data)

    form = await read_upload(_TYPE, pieces(), sink=sink)
    return form, bytes(received)


@pytest.mark.parametrize("step", [1, 7, 65536])
async def test_fields_and_bytes_come_out_however_the_body_is_cut(step: int) -> None:
    content = b"\r\n--lin\r\n\x00--line-" + bytes(range(256))
    body = _form(('name="purpose"', b"assistants"), ('name="file"; filename="\xc3\xa4.bin"', content))

    form, received = await _read(body, step=step)

    assert form.fields == {"purpose": "assistants"}
    assert received == content


async def test_an_empty_file_is_a_file() -> None:
    form, received = await _read(_form(('name="file"; filename="e.txt"', b"")))

    assert (form.filename, received) == ("e.txt", b"")


@pytest.mark.parametrize(
    "body",
    [
        _form(('name="purpose"', b"assistants")),
        _form(('name="file"; filename="a"', b"1"), ('name="file"; filename="b"', b"2")),
        _form(('name="picture"; filename="a"', b"1")),
        _form(('name="purpose"', b"x" * 70_000)),
        _form(('name="file"; filename="a"', b"1"))[:-6],
        b"",
    ],
)
async def test_a_form_without_exactly_one_whole_file_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequestError, match="multipart/form-data"):
        await _read(body)
