"""The worker process: reads documents from its standard input, one at a time, and answers with their parse.

Started by `isolation.ParserPool`, never by hand.
"""

import os
import sys
import traceback
from typing import Any, BinaryIO

import orjson

from services.shared.components.parsers.confinement import allow_cpu_seconds, confine
from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.ocr import Ocr
from services.shared.components.parsers.parse import parse_document
from services.shared.components.parsers.wire import encode_document, encode_failure, read_frame, write_frame

READY = b"ready"


def main() -> None:
    """Serve until the parent closes the pipe."""
    requests, answers = _private_channel()
    head = read_frame(requests)
    if head is None:
        return
    config: dict[str, Any] = orjson.loads(head)
    confine(int(config["address_space_bytes"]))
    write_frame(answers, READY)
    while (request := read_frame(requests)) is not None:
        content = read_frame(requests)
        if content is None:
            return
        allow_cpu_seconds(int(config["cpu_seconds"]))
        write_frame(answers, _answer(orjson.loads(request), content, config))


def _private_channel() -> tuple[BinaryIO, BinaryIO]:
    """Move the pipes to private descriptors, so that what native libraries print cannot mix with our frames."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return requests, answers


def _answer(request: dict[str, Any], content: bytes, config: dict[str, Any]) -> bytes:
    try:
        document = parse_document(
            content,
            filename=request["filename"],
            media_type=request["media_type"],
            parsers={**config["parsers"], **request["parsers"]},
            ocr=Ocr(**config["ocr"]) if config["ocr"] else None,
        )
        encoded = encode_document(document)
    except ParseFailure as failure:
        return encode_failure(failure)
    except MemoryError:
        return encode_failure(out_of_memory())
    except BaseException as error:  # noqa: BLE001 - a process boundary; native panics are no Exception
        return encode_failure(_defect(error), traceback.format_exc(limit=20))
    if len(encoded) > int(config["output_bytes"]):
        return encode_failure(_too_much_text(len(encoded), int(config["output_bytes"])))
    return encoded


def out_of_memory() -> ParseFailure:
    """The failure for a document that needs more memory than one parse may use."""
    message = "Parsing the document needs more memory than is allowed. Split it into smaller documents."
    return ParseFailure(ParseStage.ISOLATION, "memory_limit", message)


def _defect(error: BaseException) -> ParseFailure:
    message = (
        f"The parser failed on this document ({type(error).__name__}: {str(error)[:200]}). It may be damaged: open and "
        "save it again in its own program, or convert it to PDF or text, and upload the new copy."
    )
    return ParseFailure(ParseStage.PARSE, "parser_error", message)


def _too_much_text(size: int, limit: int) -> ParseFailure:
    message = (
        f"The document's text is {size:,} bytes, more than the {limit:,} allowed. Split it into smaller documents."
    )
    return ParseFailure(ParseStage.CHECK, "output_too_large", message)


if __name__ == "__main__":
    sys.setrecursionlimit(5_000)
    main()
