"""`/api/collections/{name}/versions`: other versions of a collection, built beside it and switched to."""

from fastapi import APIRouter

from services.corpus.dependencies import CorpusParts
from services.corpus.schemas import Listing
from services.shared.contracts.openai import Deleted
from services.shared.contracts.versions import CollectionVersion, CreateVersion, SwitchVersion

router = APIRouter(prefix="/api/collections/{id_or_name}")


@router.get("/versions")
async def list_versions(id_or_name: str, corpus: CorpusParts) -> Listing[CollectionVersion]:
    """All versions, the newest first."""
    found = await corpus.version_desk.all(id_or_name)
    first, last = str(found[0].number), str(found[-1].number)
    return Listing(data=found, first_id=first, last_id=last, has_more=False)


@router.post("/versions", status_code=201)
async def create_version(id_or_name: str, body: CreateVersion, corpus: CorpusParts) -> CollectionVersion:
    """Build another version from the stored originals; its `job_id` is the job to watch."""
    return await corpus.version_desk.create(id_or_name, body)


@router.post("/versions/{number}/switch")
async def switch_version(
    id_or_name: str, number: int, corpus: CorpusParts, body: SwitchVersion | None = None
) -> CollectionVersion:
    """Make a version the active one, at once when it is complete, else as soon as it is."""
    return await corpus.version_desk.switch(id_or_name, number, force=body is not None and body.force)


@router.post("/versions/{number}/retry")
async def retry_version(id_or_name: str, number: int, corpus: CorpusParts) -> CollectionVersion:
    """Try again what could not be ingested into a version."""
    return await corpus.version_desk.retry(id_or_name, number)


@router.delete("/versions/{number}")
async def drop_version(id_or_name: str, number: int, corpus: CorpusParts) -> Deleted:
    """Delete a version that is not the active one."""
    await corpus.version_desk.drop(id_or_name, number)
    return Deleted(id=str(number), object="collection.version")


@router.post("/rollback")
async def roll_back(id_or_name: str, corpus: CorpusParts) -> CollectionVersion:
    """Make the version the active one that was it before."""
    return await corpus.version_desk.rollback(id_or_name)
