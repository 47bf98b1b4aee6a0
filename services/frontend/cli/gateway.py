"""The gateway's public API, as the command uses it. Everything but `up`, `down` and `logs` goes through here.

It stands on the standard library's HTTP client: it imports in a tenth of the time of the asynchronous ones, and a
command does one thing at a time.
"""

import codecs
import http.client
import json
import ssl
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import quote, urlencode, urlsplit

from services.frontend.cli.exits import CliError, ExitCode, NotUpError
from services.frontend.cli.multipart import FileForm
from services.frontend.cli.settings import CliSettings
from services.frontend.cli.sse import ServerEvent, parse_events

_PAGE_ITEMS = 100
_BLOCK_BYTES = 64 * 1024
_COMES_BACK = frozenset({502, 503, 504})


class GatewayError(CliError):
    """The gateway answered with an error."""

    def __init__(self, status: int, message: str, *, code: str | None, hint: str = "") -> None:
        super().__init__(message, hint=hint, exit_code=ExitCode.NOT_UP if status in _COMES_BACK else None)
        self.status = status
        self.code = code

    @property
    def comes_back(self) -> bool:
        """Whether the same request can succeed in a moment: a part of the platform restarts."""
        return self.status in _COMES_BACK


class Gateway:
    """One gateway and the key to it."""

    def __init__(self, url: str, key: str, *, timeout_s: float) -> None:
        parts = urlsplit(url)
        self.url = url
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port
        self._prefix = parts.path.rstrip("/")
        self._key = key
        self._timeout_s = timeout_s

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> bytes:
        """The body of a GET."""
        return self.request("GET", path, query=query)

    def items(self, path: str, query: Mapping[str, str | int] | None = None) -> Iterator[object]:
        """Every item of a listing, page by page."""
        cursor: dict[str, str | int] = {"limit": _PAGE_ITEMS}
        while True:
            page = json.loads(self.get(path, {**(query or {}), **cursor}))
            yield from page["data"]
            if not page["has_more"]:
                return
            cursor["after"] = page["last_id"]

    def post(self, path: str, body: object) -> bytes:
        """The body a POST of JSON is answered with."""
        return self.request("POST", path, body=body)

    def delete(self, path: str) -> bytes:
        """The body a DELETE is answered with."""
        return self.request("DELETE", path)

    def request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """One request.

        Raises:
            NotUpError: nobody answers at the address.
            GatewayError: the gateway's own error.
        """
        target = path + ("?" + urlencode(query) if query else "")
        payload = None if body is None else json.dumps(body).encode()
        with self._open(method, target, payload, {"content-type": "application/json", **(headers or {})}) as response:
            return response.read()

    @contextmanager
    def stream(self, path: str, body: object) -> Generator[Iterator[ServerEvent]]:
        """The events a POST is answered with; leaving the block closes the connection."""
        headers = {"content-type": "application/json", "accept": "text/event-stream"}
        with self._open("POST", path, json.dumps(body).encode(), headers) as response:
            yield parse_events(iter(response.readline, b""))

    @contextmanager
    def events(self, path: str) -> Generator[Iterator[ServerEvent]]:
        """The events a GET is answered with; leaving the block closes the connection."""
        with self._open("GET", path, None, {"accept": "text/event-stream"}) as response:
            yield parse_events(iter(response.readline, b""))

    @contextmanager
    def text(self, path: str) -> Generator[Iterator[str]]:
        """The text a GET is answered with, piece by piece; leaving the block closes the connection."""
        with self._open("GET", path, None, {}) as response:
            yield codecs.iterdecode(iter(lambda: response.read1(_BLOCK_BYTES), b""), "utf-8")

    @contextmanager
    def download(self, path: str) -> Generator[Iterator[bytes]]:
        """The bytes a GET is answered with, in blocks; leaving the block closes the connection.

        Raises:
            NotUpError: the connection broke off.
        """
        with self._open("GET", path, None, {}) as response:
            yield iter(lambda: response.read(_BLOCK_BYTES), b"")

    def send(self, path: str, blocks: Iterator[bytes], *, size: int) -> bytes:
        """The body a POST of bytes is answered with."""
        headers = {"content-type": "application/octet-stream", "content-length": str(size)}
        with self._open("POST", path, blocks, headers) as response:
            return response.read()

    def upload(self, form: FileForm) -> str:
        """Upload a file for use in collections; its id.

        Raises:
            UnreadableFileError: the file could not be read.
        """
        with self._open("POST", "/v1/files", form.blocks(), form.headers()) as response:
            return str(json.loads(response.read())["id"])

    @contextmanager
    def _open(
        self, method: str, target: str, payload: bytes | Iterator[bytes] | None, headers: Mapping[str, str]
    ) -> Generator[http.client.HTTPResponse]:
        connection = self._connect()
        try:
            with self._connection_errors():
                with suppress(BrokenPipeError, ConnectionResetError):  # refused early; the answer says why
                    connection.request(
                        method,
                        self._prefix + target,
                        body=payload,
                        headers={"authorization": f"Bearer {self._key}", **headers},
                    )
                response = connection.getresponse()
                if response.status >= 400:
                    raise _error_of(response.status, response.read())
                yield response
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        if self._secure:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout_s, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)

    @contextmanager
    def _connection_errors(self) -> Generator[None]:
        try:
            yield
        except TimeoutError as error:
            raise GatewayError(
                504, f"{self.url} did not answer within {self._timeout_s:.0f} s.", code="timeout"
            ) from error
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise self._not_up(error) from error

    def _not_up(self, error: Exception) -> NotUpError:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return NotUpError(
            f"The platform does not answer at {self.url} ({reason}).",
            hint="Start it with 'make up', look at it with 'ragworks status', or name another address with --url.",
        )


def open_gateway(settings: CliSettings) -> Gateway:
    """The gateway of the settings, with the key from the environment or the key file; raises as `key_of`."""
    return Gateway(settings.gateway_url, key_of(settings), timeout_s=settings.request_timeout_s)


def key_of(settings: CliSettings) -> str:
    """The user's key.

    Raises:
        CliError: there is none.
    """
    configured = settings.api_key.get_secret_value() if settings.api_key else ""
    if configured:
        return configured
    if settings.api_key_file.is_file():
        return settings.api_key_file.read_text(encoding="ascii").strip()
    raise NotUpError(
        f"There is no API key: {settings.api_key_file} does not exist.",
        hint="'make up' creates it. For a platform elsewhere set RAGWORKS_API_KEY and --url.",
    )


def segment(name: str) -> str:
    """A name as one segment of a path."""
    return quote(name, safe="")


def _error_of(status: int, body: bytes) -> GatewayError:
    message, code = f"The gateway answered with HTTP status {status}.", None
    try:
        error = json.loads(body)["error"]
        message, code = str(error["message"]), error.get("code")
    except (ValueError, KeyError, TypeError):
        pass
    return GatewayError(status, message, code=code, hint=_HINTS.get(status, ""))


_HINTS = {
    401: "The key is read from RAGWORKS_API_KEY or <home>/secrets/api.key.",
    502: "See 'ragworks status'; parts that died are restarted by themselves.",
    503: "See 'ragworks status'; parts that died are restarted by themselves.",
}
