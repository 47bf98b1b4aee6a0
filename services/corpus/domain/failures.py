"""Why a document failed, in the three words that OpenAI's API has for it."""

from services.shared.contracts.corpus import FailureReason
from services.shared.contracts.openai import FileError

_OUR_FAULT = {"embed", "index"}
_UNSUPPORTED = {"unsupported_media_type", "binary"}


def file_error(reason: FailureReason) -> FileError:
    """The failure as a vector-store file shows it."""
    if reason.stage in _OUR_FAULT:
        return FileError(code="server_error", message=reason.message)
    if reason.code in _UNSUPPORTED:
        return FileError(code="unsupported_file", message=reason.message)
    return FileError(code="invalid_file", message=reason.message)
