"""Declares sources of a running stack and runs their syncs, through the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.shared.contracts.receipts import Receipt, Verification
from services.shared.contracts.sources import Source, SourceItem, Sync
from tests.integration.ingest.stack import Stack
from tests.processes import wait_until

_SYNC_S = 90


@dataclass
class SourceClient:
    """One source of a collection of its own."""

    stack: Stack
    name: str

    def declare(self, config: Mapping[str, object], **more: object) -> Source:
        """Make the collection and the source."""
        self.stack.create(self.name)
        body = {"name": self.name, "collection": self.name, "config": dict(config), **more}
        with self.stack.corpus() as http:
            answer = http.post("/api/sources", json=body)
            assert answer.status_code == 201, answer.text
            return Source.model_validate(answer.json())

    def start(self, what: str = "sync", **body: object) -> Sync:
        """A sync or plan on its way."""
        with self.stack.corpus() as http:
            answer = http.post(f"/api/sources/{self.name}/{what}", json=body)
            assert answer.status_code == 201, answer.text
            return Sync.model_validate(answer.json())

    def get(self, sync_id: str) -> Sync:
        """The sync as it stands."""
        with self.stack.corpus() as http:
            return Sync.model_validate(http.get(f"/api/syncs/{sync_id}").json())

    def ended(self, sync: Sync) -> Sync:
        """The sync, once it has ended."""
        wait_until(lambda: self.get(sync.id).finished_at, deadline_s=_SYNC_S, what=f"{sync.id} to end")
        return self.get(sync.id)

    def sync(self, **body: object) -> Sync:
        """A whole sync."""
        return self.ended(self.start("sync", **body))

    def plan(self) -> Sync:
        """A whole plan."""
        return self.ended(self.start("plan"))

    def items(self, **params: str) -> dict[str, SourceItem]:
        """The source's items, by key."""
        with self.stack.corpus() as http:
            listed = http.get(f"/api/sources/{self.name}/items", params={"limit": "1000", **params}).json()["data"]
        return {item["key"]: SourceItem.model_validate(item) for item in listed}

    def receipt(self, receipt_id: str) -> Receipt:
        """The receipt, once it is issued."""

        def read() -> Receipt | None:
            with self.stack.corpus() as http:
                receipt = Receipt.model_validate(http.get(f"/api/receipts/{receipt_id}").json())
            return receipt if receipt.issued_at else None

        found = wait_until(read, deadline_s=_SYNC_S, what=f"{receipt_id} to be issued")
        assert found is not None
        return found

    def verify(self, receipt: Receipt) -> Verification:
        """What a check of the receipt finds."""
        with self.stack.corpus() as http:
            answer = http.post(f"/api/receipts/{receipt.id}/verify", json=receipt.model_dump(mode="json"))
            assert answer.status_code == 200, answer.text
            return Verification.model_validate(answer.json())

    def documents(self) -> set[str]:
        """The sources of the collection's searchable documents."""
        with self.stack.corpus() as http:
            params = {"collection": self.name, "limit": "1000"}
            return {each["source"] for each in http.get("/api/documents", params=params).json()["data"]}


def counts(sync: Sync) -> dict[str, int]:
    """What a sync did, without what it did not."""
    named = ("ingested", "unchanged", "renamed", "deleted", "failed", "pending")
    return {name: getattr(sync, name) for name in named if getattr(sync, name)}


def write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Files below a folder."""
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
