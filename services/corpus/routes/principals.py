"""`/api/principals`: what belongs to somebody, and its deletion."""

from fastapi import APIRouter

from services.corpus.dependencies import CorpusParts
from services.corpus.domain.access import require_somebody
from services.shared.components.catalogue import principals
from services.shared.contracts.receipts import DeletedWithReceipt, PrincipalData
from services.shared.kit.context import principal

router = APIRouter(prefix="/api/principals")


@router.get("/{name}")
def get_principal(name: str, corpus: CorpusParts) -> PrincipalData:
    """What only this principal may read, and what others may read, too."""
    with corpus.catalogue.read() as connection:
        return principals.data_of(connection, require_somebody(name))


@router.delete("/{name}")
async def delete_principal(name: str, corpus: CorpusParts) -> DeletedWithReceipt:
    """Delete what only this principal may read; what others may read, too, stays for them."""
    receipt = await corpus.erasure.erase_principal(require_somebody(name), principal=principal.get())
    return DeletedWithReceipt(id=name, object="principal", receipt_id=receipt.id)
