"""Refusals of the corpus service that more than one place raises."""

from services.shared.contracts.corpus import FailureReason
from services.shared.kit.errors import InvalidRequestError, PayloadTooLargeError, UnprocessableError


class UnreadableDocumentError(UnprocessableError):
    """A file that an ingest could make no chunks of; the answer names the stage it failed in."""

    def __init__(self, reason: FailureReason) -> None:
        super().__init__(reason.message, code=reason.code, param="file_id")
        self.stage = reason.stage

    def body(self) -> dict[str, dict[str, str | None]]:
        """The error in OpenAI's shape, with the stage."""
        return {"error": {**super().body()["error"], "stage": self.stage}}


def file_too_large(limit_bytes: int) -> PayloadTooLargeError:
    """A file over the limit."""
    return PayloadTooLargeError(
        f"The file is larger than the limit of {limit_bytes:,} bytes; split it, or raise RAGWORKS_MAX_FILE_BYTES.",
        code="file_too_large",
        param="file",
    )


def malformed_upload(detail: str) -> InvalidRequestError:
    """A body that is no multipart form with a file."""
    return InvalidRequestError(
        f"The upload could not be read: {detail}. Send multipart/form-data with the fields 'file' and 'purpose'.",
        code="invalid_upload",
        param="file",
    )
