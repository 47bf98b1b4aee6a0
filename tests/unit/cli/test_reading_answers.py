"""How a streamed answer is read: server-sent events, stages, text, citations, and streams that break."""

import json
from collections.abc import Iterable

import pytest

from services.frontend.cli.answer_stream import Cited, Stage, Text, parts_of_stream, parts_of_whole
from services.frontend.cli.exits import CliError
from services.frontend.cli.sse import ServerEvent, parse_events

CITATION = {
    "number": 1,
    "chunk_id": "c",
    "document_id": "d",
    "file_id": None,
    "title": "Harbour",
    "source": "harbour.md",
    "page": None,
    "char_start": 0,
    "char_end": 9,
    "quote": "The ferry",
    "support": 1.0,
    "chunk_char_start": 0,
    "chunk_char_end": 40,
    "score": 0.9,
}


def chunk(delta: dict[str, object], **more: object) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta}], **more}).encode() + b"\n"


def events(*lines: bytes) -> Iterable[ServerEvent]:
    return parse_events(line for data in lines for line in (data, b"\n"))


def test_events_end_at_blank_lines_and_join_their_data() -> None:
    lines = [b": a comment\n", b"event: note\r\n", b"data: one\n", b"data:two\n", b"\n", b"data: three\n", b"\n"]
    assert list(parse_events(lines)) == [ServerEvent("note", "one\ntwo"), ServerEvent("message", "three")]


def test_an_event_cut_off_in_the_middle_is_not_one() -> None:
    assert list(parse_events([b"data: half"])) == []


def test_a_stream_becomes_stages_text_and_citations() -> None:
    stream = events(
        chunk({"role": "assistant", "content": ""}),
        chunk({}, ragworks={"stage": "retrieve", "passages": 4}),
        chunk({"content": "At 07:40 [1]."}),
        chunk({"citations": [CITATION], "annotations": []}, ragworks={"stage": "done"}),
        b"data: [DONE]\n",
    )
    kinds = [type(part) for part in parts_of_stream(stream)]
    assert kinds == [Stage, Text, Stage, Cited]


def test_an_error_in_the_stream_is_told_in_the_platforms_words() -> None:
    stream = events(chunk({"content": "At"}), b'data: {"error": {"message": "The engine was lost."}}\n')
    with pytest.raises(CliError, match="The engine was lost"):
        list(parts_of_stream(stream))


def test_a_stream_without_its_end_is_an_error_not_an_answer() -> None:
    with pytest.raises(CliError, match="broke off"):
        list(parts_of_stream(events(chunk({"content": "At 07"}))))


def test_a_whole_answer_has_the_same_parts() -> None:
    message = {"role": "assistant", "content": "At 07:40 [1].", "citations": [CITATION]}
    parts = list(parts_of_whole(json.dumps({"choices": [{"message": message}]}).encode()))
    assert [type(part) for part in parts] == [Text, Cited]
