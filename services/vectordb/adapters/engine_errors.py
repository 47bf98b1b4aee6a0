"""The engine raises plain exceptions with text; here they become errors of ours."""

import errno
from collections.abc import Generator
from contextlib import contextmanager

from services.vectordb.errors import EngineError, StorageFullError, VectorDbError, WrongInputError

_CLIENT_FAULTS = (
    "Vector dimension error",
    "Not existing vector name",
    "No range index",
    "No appropriate index",
    "Wrong input",
    "Wrong usage",
    "Bad request",
    "Bad input",
    "Validation",
    "Expected",
    "Unsupported",
    "not supported",
    "invalid",
    "Invalid",
    "requires",
    "Conversion between",
    "Type error",
    "No text index",
    "missing",
    "must ",
)
_FULL = ("No space left", "os error 28")


@contextmanager
def engine_call() -> Generator[None]:
    """Run engine calls; their exceptions come out as WrongInputError, StorageFullError or EngineError."""
    try:
        yield
    except VectorDbError:
        raise
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StorageFullError(str(error)) from error
        raise
    except (ValueError, TypeError, OverflowError) as error:
        raise WrongInputError(_first_line(error)) from error
    except Exception as error:  # the engine knows no narrower class than Exception
        raise _translate(_first_line(error)) from error


def _translate(text: str) -> VectorDbError:
    if any(mark in text for mark in _FULL):
        return StorageFullError(text)
    if any(mark in text for mark in _CLIENT_FAULTS):
        return WrongInputError(text.removeprefix("Wrong input: "))
    return EngineError(text)


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]
