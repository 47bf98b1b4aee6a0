"""`/api/keys`: the operator makes, lists and revokes API keys."""

import asyncio
from datetime import UTC, datetime

from fastapi import APIRouter, Depends

from services.gateway.dependencies import PartsDep, operator_only
from services.gateway.domain.keys import ApiKey, digest, new_key_id, new_secret, principal_of
from services.gateway.schemas import CreatedKey, KeyList, KeyView, NewKey
from services.shared.contracts.openai import Deleted

router = APIRouter(prefix="/api/keys", dependencies=[Depends(operator_only)])


@router.get("")
async def list_keys(parts: PartsDep) -> KeyList:
    """Every key, revoked ones included; never a secret."""
    keys = await asyncio.to_thread(parts.store.all_keys)
    return KeyList(data=[KeyView.of(key) for key in keys])


@router.post("", status_code=201)
async def create_key(wanted: NewKey, parts: PartsDep) -> CreatedKey:
    """A new key, which works at once."""
    secret, key_id = new_secret(), new_key_id()
    key = ApiKey(
        id=key_id,
        name=wanted.name,
        principal=principal_of(key_id),
        created_at=datetime.now(UTC),
        role=wanted.role,
    )
    await asyncio.to_thread(parts.store.add, key, digest=digest(secret))
    await parts.ring.reload()
    return CreatedKey(key=secret, details=KeyView.of(key))


@router.delete("/{key_id}")
async def revoke_key(key_id: str, parts: PartsDep) -> Deleted:
    """Refuse a key from now on."""
    await asyncio.to_thread(parts.store.revoke, key_id)
    await parts.ring.reload()
    return Deleted(id=key_id, object="api_key")
