"""The platform's public API, as an evaluation uses it."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import httpx

from pipelines.evaluate.failures import EvaluationError, PlatformRefusedError, PlatformUnreachableError

_COMES_BACK = frozenset({502, 503, 504})
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 5.0


class NotThereError(PlatformRefusedError):
    """The platform has nothing of this name."""


class Gateway:
    """One gateway and the key to it, for several threads; waits for a platform that restarts."""

    def __init__(self, url: str, key: str, *, timeout_s: float, patience_s: float) -> None:
        self._url = url
        self._patience_s = patience_s
        self._http = httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def get(self, path: str) -> bytes:
        """The body of a GET.

        Raises:
            NotThereError: there is nothing at the path.
            PlatformRefusedError: it refuses.
            PlatformUnreachableError: it did not come back in time.
        """
        return self._patiently(self._http.build_request("GET", path))

    def post(self, path: str, body: Mapping[str, object]) -> bytes:
        """The body a POST of JSON is answered with; raises as `get`."""
        return self._patiently(self._http.build_request("POST", path, json=body))

    def upload(self, name: str, content: bytes) -> bytes:
        """What an upload is answered with; raises as `get`."""
        form = {"purpose": "assistants"}
        return self._patiently(
            self._http.build_request("POST", "/v1/files", data=form, files={"file": (name, content)})
        )

    def _patiently(self, request: httpx.Request) -> bytes:
        deadline, pause_s = time.monotonic() + self._patience_s, _FIRST_PAUSE_S
        while True:
            try:
                answer = self._http.send(request)
                if answer.status_code not in _COMES_BACK:
                    return _body(answer)
                failure = PlatformUnreachableError(f"A part of the platform is not up: {_message(answer)}")
            except httpx.HTTPError as error:
                reason = str(error) or type(error).__name__
                failure: EvaluationError = PlatformUnreachableError(
                    f"The platform does not answer at {self._url} ({reason}).",
                    hint="Start it with 'make up', or name another address with --url.",
                )
            if time.monotonic() + pause_s > deadline:
                raise failure
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)


def _body(answer: httpx.Response) -> bytes:
    if answer.is_error:
        raise _refusal(answer)
    return answer.content


def _refusal(answer: httpx.Response) -> PlatformRefusedError:
    kind = NotThereError if answer.status_code == 404 else PlatformRefusedError
    hint = "The key is read from RAGWORKS_API_KEY or <home>/secrets/api.key." if answer.status_code == 401 else ""
    return kind(
        f"The platform refuses {answer.request.method} {answer.request.url.path}: {_message(answer)}", hint=hint
    )


def _message(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP status {answer.status_code}, no reason given."
