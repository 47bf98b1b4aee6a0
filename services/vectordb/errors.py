"""The service's error tree. Messages and statuses are Qdrant's own wherever Qdrant has the case.

VectorDbError                 500
├── FormatError               400  the body is not what the path takes
├── WrongInputError           400  well-formed, but it does not fit the collection
├── UnsupportedError          400  a Qdrant server has it, this service does not
├── UnauthorizedError         401  no key, or not the right one
├── NotFoundError             404
├── ConflictError             409
├── BodyTooLargeError         413
├── ValidationError           422  a value outside its range
├── EngineError               500  the engine failed
├── StorageFullError          507  the disk is (nearly) full; nothing was written
└── OwnedElsewhereError       -    another process owns the data folder; raised at start
"""

from typing import ClassVar


class VectorDbError(Exception):
    """A failure the client is told about, in Qdrant's shape."""

    status: ClassVar[int] = 500
    prefix: ClassVar[str] = "Service internal error: "

    def __init__(self, message: str) -> None:
        self.message = self.prefix + message
        super().__init__(self.message)


class FormatError(VectorDbError):
    status, prefix = 400, "Format error in JSON body: "


class WrongInputError(VectorDbError):
    status, prefix = 400, "Wrong input: "


class UnsupportedError(VectorDbError):
    """Names a feature of Qdrant's API that is not offered here."""

    status, prefix = 400, "Wrong input: "

    def __init__(self, feature: str) -> None:
        super().__init__(
            f"{feature} is not supported by the embedded vector database; a Qdrant server has it: "
            "set RAGWORKS_VECTORDB_URL to the address of one"
        )


class UnauthorizedError(VectorDbError):
    status, prefix = 401, ""


class NotFoundError(VectorDbError):
    status, prefix = 404, "Not found: "


class ConflictError(VectorDbError):
    status, prefix = 409, "Wrong input: "


class BodyTooLargeError(VectorDbError):
    status, prefix = 413, ""


class ValidationError(VectorDbError):
    status, prefix = 422, "Validation error in JSON body: "


class EngineError(VectorDbError):
    pass


class StorageFullError(VectorDbError):
    status, prefix = 507, "No space left: "


class OwnedElsewhereError(VectorDbError):
    prefix = ""


def collection_not_found(name: str) -> NotFoundError:
    """Qdrant's words for an unknown collection or alias."""
    return NotFoundError(f"Collection `{name}` doesn't exist!")
