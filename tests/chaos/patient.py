"""A client that keeps asking services which are being killed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.integration.ingest.stack import Stack

PATIENCE_S = 180
_PAUSE_S = 0.1
_LATER = frozenset({"document_being_deleted", "collection_being_deleted"})


class RefusedError(AssertionError):
    """An answer that asking again does not change."""

    def __init__(self, trouble: str, code: str) -> None:
        super().__init__(trouble)
        self.code = code


Request = Callable[[httpx2.Client], httpx2.Response]


@dataclass(frozen=True)
class Patient:
    """Asks again until an answer says how things are; what was asked may have been done twice then."""

    stack: Stack

    def ask(self, request: Request, *, also: frozenset[str] = frozenset()) -> httpx2.Response:
        """The answer: a success, or an error with one of the codes in `also`.

        Raises:
            RefusedError: another error, which is not one of a service that is down.
        """
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                with self.stack.corpus() as http:
                    answer = request(http)
                trouble, code = answer.text, _code(answer)
                if answer.is_success or code in also:
                    return answer
                if answer.status_code < 500 and code not in _LATER:
                    raise RefusedError(trouble, code)
            except httpx2.TransportError as error:
                trouble = repr(error)
            assert time.monotonic() < deadline, trouble
            time.sleep(_PAUSE_S)

    def get(self, path: str, **params: str | int) -> Any:
        """What is there."""
        return self.ask(lambda http: http.get(path, params=params)).json()

    def all(self, path: str, **params: str | int) -> list[dict[str, Any]]:
        """The whole of a listing."""
        found: list[dict[str, Any]] = []
        after: dict[str, str | int] = {}
        while True:
            page = self.get(path, limit=1000, order="asc", **params, **after)
            found += page["data"]
            if not page["has_more"]:
                return found
            after = {"after": page["last_id"]}

    def ingest(self, collection: str, contents: dict[str, bytes]) -> None:
        """Upload and start a job, or two when an answer got lost."""
        documents = [{"file_id": self._upload(source, contents[source]), "source": source} for source in contents]
        self.ask(lambda http: http.post("/api/jobs", json={"collection": collection, "documents": documents}))

    def _upload(self, source: str, content: bytes) -> str:
        form = {"purpose": "assistants"}
        name = Path(source).name
        answer = self.ask(lambda http: http.post("/v1/files", files={"file": (name, content)}, data=form))
        return str(answer.json()["id"])


def _code(answer: httpx2.Response) -> str:
    try:
        return str(answer.json()["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return ""
