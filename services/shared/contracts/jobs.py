"""The messages between the corpus service and the ingest pipeline: all they share."""

from services.shared.contracts.frozen import Frozen

INGEST_QUEUE = "ingest"
INGEST_WORKFLOW = "ingest_job"


class IngestJobMessage(Frozen):
    """Ingest the pending documents of a job; which ones, the catalogue knows."""

    job_id: str


SYNC_QUEUE = "sync"
SYNC_WORKFLOW = "sync_source"


class SyncMessage(Frozen):
    """Run a sync; of which source and how far it is, the catalogue knows."""

    sync_id: str
