"""Puts into the queue what the ledger has and the queue has not."""

from collections.abc import Callable, Mapping

from dbos import DBOS, EnqueueOptions, WorkflowStatus

from services.shared.kit.telemetry import get_logger

_ALIVE = frozenset({"ENQUEUED", "PENDING", "DELAYED"})
_log = get_logger("sweep")


def enqueue_lost(
    unfinished: Mapping[str, str], *, queue: str, workflow: str, message: Callable[[str], dict[str, str]]
) -> None:
    """Queue those of the ledger's unfinished ids (with their partitions) that the queue will not bring to an end."""
    if not unfinished:
        return
    queued = DBOS.list_workflows(workflow_ids=list(unfinished), load_input=False, load_output=False)
    known = {each.workflow_id: _is_alive(each) for each in queued}
    for id_, partition in unfinished.items():
        if known.get(id_):
            continue
        if id_ in known:  # it ended in the queue without having ended in the ledger, for example as its disk was full
            DBOS.delete_workflow(id_)
        options: EnqueueOptions = {
            "workflow_name": workflow,
            "queue_name": queue,
            "workflow_id": id_,
            "queue_partition_key": partition,
        }
        DBOS.enqueue_workflow_with_options(options, message(id_))
        _log.info("enqueued_again", id=id_, queue=queue)


def _is_alive(workflow: WorkflowStatus) -> bool:
    """Whether the queue will bring the workflow to its end.

    It leaves lying what this worker began before an update changed the workflow's version.
    """
    outdated = workflow.executor_id == DBOS.executor_id and workflow.app_version != DBOS.application_version
    return workflow.status in _ALIVE and not (workflow.status == "PENDING" and outdated)
