"""Reading an upload form as it arrives: the file's bytes go to disk, never into memory as a whole."""

from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from services.corpus.errors import malformed_upload

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_MAX_FIELD_BYTES = 64 * 1024
_FLUSH_BYTES = 1024 * 1024

Sink = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True)
class UploadForm:
    """The form's text fields, and the name of the file that was sent."""

    fields: Mapping[str, str]
    filename: str


async def read_upload(content_type: str, body: AsyncIterable[bytes], *, sink: Sink) -> UploadForm:
    """Read a form with one file in the field `file`, whose bytes go to `sink`.

    Raises:
        InvalidRequestError: no such form.
    """
    kind, parameters = parse_options_header(content_type)
    boundary = parameters.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise malformed_upload(f"its content type is '{content_type}'")
    reader = _FormReader()
    parser = MultipartParser(boundary, reader.callbacks())
    try:
        async for data in body:
            parser.write(data)
            if len(reader.file_bytes) >= _FLUSH_BYTES:
                await sink(reader.take())
        parser.finalize()
    except MultipartParseError as error:
        raise malformed_upload(str(error)) from error
    await sink(reader.take())
    return reader.form()


@dataclass
class _Part:
    headers: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    name: str = ""
    is_file: bool = False
    text: bytearray = field(default_factory=bytearray)


class _FormReader:
    """Turns the parser's callbacks into fields and file bytes."""

    def __init__(self) -> None:
        self.file_bytes = bytearray()
        self._part = _Part()
        self._header = (bytearray(), bytearray())
        self._fields: dict[str, str] = {}
        self._filename: str | None = None
        self._complete = False

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._end_form,
        }

    def take(self) -> bytes:
        """The file's bytes that came since the last call."""
        taken = bytes(self.file_bytes)
        self.file_bytes.clear()
        return taken

    def form(self) -> UploadForm:
        """What was read.

        Raises:
            InvalidRequestError: the form broke off, or has no file.
        """
        if not self._complete:
            raise malformed_upload("it breaks off before its end")
        if self._filename is None:
            raise malformed_upload("it has no file in the field 'file'")
        return UploadForm(self._fields, self._filename)

    def _begin(self) -> None:
        self._part = _Part()

    def _end_header(self) -> None:
        name, value = self._header
        self._part.headers[bytes(name).lower()] = bytes(value)
        name.clear()
        value.clear()

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._part.headers.get(b"content-disposition", b""))
        self._part.name = options.get(b"name", b"").decode("utf-8", "replace")
        self._part.is_file = b"filename" in options
        if not self._part.is_file:
            return
        if self._part.name != "file" or self._filename is not None:
            raise malformed_upload("send one file, in the field 'file'")
        self._filename = options[b"filename"].decode("utf-8", "replace")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.is_file:
            self.file_bytes += data[start:end]
            return
        self._part.text += data[start:end]
        if len(self._part.text) > _MAX_FIELD_BYTES:
            raise malformed_upload(f"the field '{self._part.name}' is longer than {_MAX_FIELD_BYTES:,} bytes")

    def _end(self) -> None:
        if not self._part.is_file:
            self._fields[self._part.name] = self._part.text.decode("utf-8", "replace")

    def _end_form(self) -> None:
        self._complete = True
