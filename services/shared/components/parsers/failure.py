"""Why a document could not be parsed, in words for the person who uploaded it."""

from enum import StrEnum


class ParseStage(StrEnum):
    """Where in the parse a document failed."""

    READ = "read"
    DETECT = "detect"
    PARSE = "parse"
    CHECK = "check"
    ISOLATION = "isolation"


class ParseFailure(Exception):  # noqa: N818 - the worker answers with it; it is a result as much as an error
    """This document cannot be parsed; others are not affected.

    `code` is stable and machine-readable (`encrypted`, `timeout`, ...); `message` says what happened and what to do.
    """

    def __init__(self, stage: ParseStage, code: str, message: str) -> None:
        super().__init__(message)
        self.stage = stage
        self.code = code
        self.message = message


def binary_content() -> ParseFailure:
    """The failure for bytes that are neither text nor a format that is known."""
    message = (
        "This file holds binary data, not text, and its format is not known. "
        "Convert it to PDF, DOCX, HTML, Markdown or plain text and upload it again."
    )
    return ParseFailure(ParseStage.DETECT, "binary", message)
