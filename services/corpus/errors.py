"""Refusals of the corpus service that more than one place raises."""

from services.shared.kit.errors import InvalidRequestError, PayloadTooLargeError


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
