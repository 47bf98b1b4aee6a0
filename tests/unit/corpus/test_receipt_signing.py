"""The signature under receipts."""

from pathlib import Path

import jwt

from services.shared.components.catalogue.receipt_signing import ReceiptKey
from services.shared.contracts.receipts import Receipt
from services.shared.kit.keyfiles import ensure_key_file

_AS_BEFORE = {
    "id": "receipt-1",
    "subject": "document",
    "collection": "docs",
    "collection_id": "vs_1",
    "requested_at": "2026-11-20T10:00:00Z",
    "requested_by": "key:1",
    "issued_at": "2026-11-20T10:00:01Z",
    "documents": [
        {"document_id": "1", "index": "docs_v1", "source": "a.md", "sha256": "00", "chunks": 3, "bytes": 9},
    ],
    "files": [],
    "vectors": 3,
    "job_entries": 1,
}


def test_a_receipt_of_an_earlier_release_is_genuine_and_says_no_more_than_was_signed(tmp_path: Path) -> None:
    key = ReceiptKey(tmp_path / "receipts.key")
    signature = jwt.encode({"receipt": _AS_BEFORE}, ensure_key_file(key.path), algorithm="HS256")
    receipt = Receipt.model_validate({**_AS_BEFORE, "signature": signature})

    assert key.is_genuine(receipt)
    assert not key.is_genuine(receipt.model_copy(update={"source_items": 1}))
    assert not key.is_genuine(receipt.model_copy(update={"vectors": 2}))
