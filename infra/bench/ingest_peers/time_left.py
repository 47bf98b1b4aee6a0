"""How well a sync tells the time that it still needs: what it said while it ran, beside what it took."""

import threading
import time
from typing import Self

import httpx2

from infra.bench.figures import Figure, distribution

_ASKED_EVERY_S = 1.0
_LEAST_LEFT_S = 5.0
"""What was said when less was left is not counted: a second wrong would be half of it."""


class TimeLeft:
    """Asks for the time left of a source's newest sync while the block runs."""

    def __init__(self, gateway: str, api_key: str, source: str) -> None:
        self._client = httpx2.Client(
            base_url=gateway, headers={"Authorization": f"Bearer {api_key}"}, trust_env=False, timeout=10
        )
        self._path = f"/api/sources/{source}/syncs"
        self._said: list[tuple[float, float | None]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self._ended = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = time.monotonic()
        self._over.set()
        self._thread.join()

    def figures(self) -> list[Figure]:
        """The error of what was said, and how often something was; none of a sync that was over too soon."""
        said = [(self._ended - at, eta) for at, eta in self._said if self._ended - at >= _LEAST_LEFT_S]
        if not said:
            return []
        errors = [100 * abs(eta - left) / left for left, eta in said if eta is not None]
        told = Figure("· the time left was told", "% of the time", value=100 * len(errors) / len(said))
        return [told, *([distribution("· error of the time left", "%", errors)] if errors else [])]

    def _ask(self) -> None:
        with self._client as client:
            while not self._over.wait(_ASKED_EVERY_S):
                try:
                    newest = client.get(self._path, params={"limit": 1}).raise_for_status().json()["data"]
                except httpx2.HTTPError:
                    continue
                if newest:
                    self._said.append((time.monotonic(), newest[0]["eta_seconds"]))
