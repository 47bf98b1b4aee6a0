"""Why a document could not be parsed, in words for the person who uploaded it."""

from enum import StrEnum


class ParseStage(StrEnum):
    """Where in the parse a document failed."""

    READ = "read"
    DETECT = "detect"
    PARSE = "parse"
    CHECK = "check"
    ISOLATION = "isolation"


class ParseFailure(Exception):
    """This document cannot be parsed; others are not affected.

    `code` is stable and machine-readable (`encrypted`, `timeout`, ...); `message` says what happened and what to do.
    """

    def __init__(self, stage: ParseStage, code: str, message: str) -> None:
        super().__init__(message)
        self.stage = stage
        self.code = code
        self.message = message
