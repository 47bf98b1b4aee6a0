"""`/api/receipts`: what deletions removed, signed; and whether it is really gone."""

from fastapi import APIRouter

from services.corpus.dependencies import CorpusParts, PageCursor
from services.corpus.routes.listing import listing
from services.corpus.schemas import Listing
from services.shared.components.catalogue import receipts
from services.shared.contracts.receipts import Receipt, Verification

router = APIRouter(prefix="/api/receipts")


@router.get("")
def list_receipts(corpus: CorpusParts, cursor: PageCursor) -> Listing[Receipt]:
    """A page of the receipts, newest first."""
    with corpus.catalogue.read() as connection:
        page = receipts.page(connection, cursor)
    return listing(page, show=lambda receipt: receipt, id_of=lambda receipt: receipt.id)


@router.get("/{receipt_id}")
def get_receipt(receipt_id: str, corpus: CorpusParts) -> Receipt:
    """One receipt; it is signed when `issued_at` says when nothing was left."""
    with corpus.catalogue.read() as connection:
        return receipts.get(connection, receipt_id)


@router.post("/{receipt_id}/verify")
async def verify_receipt(receipt_id: str, corpus: CorpusParts, receipt: Receipt | None = None) -> Verification:
    """Check the signature, and that ledger, indexes, files and answers have nothing of it; of the stored receipt, or
    of one that is sent."""
    return await corpus.receipts.verify(receipt_id, receipt)
