"""The durable queue (DBOS) between this service and its ingest workers."""

from dbos import DBOSClient, EnqueueOptions
from dbos import error as dbos_error
from sqlalchemy.exc import SQLAlchemyError

from services.shared.contracts.jobs import (
    INGEST_QUEUE,
    INGEST_WORKFLOW,
    SYNC_QUEUE,
    SYNC_WORKFLOW,
    IngestJobMessage,
    SyncMessage,
)
from services.shared.kit.telemetry import get_logger

_log = get_logger("job_queue")


class JobQueue:
    """Hands jobs of the ledger to the workers; only their ids travel."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._client: DBOSClient | None = None

    def open(self) -> None:
        """Prepare; the database is first asked when a job comes."""
        self._client = DBOSClient(system_database_url=self._database_url, lazy=True, retry_connection_errors=False)

    def enqueue(self, job_id: str, *, collection_id: str) -> None:
        """Queue a job that is in the ledger; jobs of one collection run one after the other.

        A queue that does not answer delays the job and loses nothing: workers look for jobs of the ledger that are
        not queued, every few seconds.
        """
        options: EnqueueOptions = {
            "workflow_name": INGEST_WORKFLOW,
            "queue_name": INGEST_QUEUE,
            "workflow_id": job_id,
            "queue_partition_key": collection_id,
        }
        self._enqueue(options, IngestJobMessage(job_id=job_id))

    def enqueue_sync(self, sync_id: str, *, source_id: str) -> None:
        """The same for a sync; those of one source run one after the other."""
        options: EnqueueOptions = {
            "workflow_name": SYNC_WORKFLOW,
            "queue_name": SYNC_QUEUE,
            "workflow_id": sync_id,
            "queue_partition_key": source_id,
        }
        self._enqueue(options, SyncMessage(sync_id=sync_id))

    def _enqueue(self, options: EnqueueOptions, message: IngestJobMessage | SyncMessage) -> None:
        if self._client is None:
            raise RuntimeError("The job queue is not open.")
        try:
            self._client.enqueue(options, message.model_dump())
        except (SQLAlchemyError, dbos_error.DBOSException) as error:
            _log.warning("enqueue_deferred", id=options.get("workflow_id"), reason=type(error).__name__)

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.destroy()
            self._client = None
