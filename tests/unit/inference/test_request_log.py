"""The request log's rules and bounds."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from prometheus_client import REGISTRY

from services.inference.adapters import request_rows
from services.inference.adapters.redactors import UnknownRedactorError, redactor_named
from services.inference.adapters.request_log import LogLimits, RequestLog
from services.inference.adapters.request_rows import RequestFilter
from services.inference.adapters.tables import metadata
from services.inference.domain.calls import ModelCall, Operation
from services.inference.domain.edge_cases import flags_of, is_loop
from services.inference.domain.ended_calls import EndedCall, KeepingRules
from services.inference.domain.figures import CallFigures
from services.inference.domain.transcript import read_answer
from services.inference.domain.usage import TokenUsage
from services.shared.contracts.answers import RecordLevel
from services.shared.contracts.requests import Flag, RequestOutput
from services.shared.kit.database import open_database, sqlite_url
from services.shared.kit.paging import Cursor
from services.shared.kit.tables import Tables

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_FIGURES = CallFigures(started_at=_NOW, e2e_s=1.0, usage=TokenUsage(10, 5))


def _ended(number: int, *, text: str = "Fine.", body: dict[str, object] | None = None) -> EndedCall:
    message = {"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]}
    return EndedCall(
        call=ModelCall(Operation.CHAT, "m", streams=False),
        body=body or {"messages": [{"role": "user", "content": f"{number}"}]},
        sent=[orjson.dumps(message)],
        figures=CallFigures(started_at=datetime.now(UTC), e2e_s=1.0),
        level=RecordLevel.FULL,
        error_code="",
        request_id=f"transaction-{number}",
        principal=None,
        replica=None,
        window=None,
        takeovers=0,
    )


def _log(folder: Path, *, redactor: Callable[[str], str] | None = None, **limits: float) -> RequestLog:
    rules = KeepingRules(digest_key=b"k", max_content_bytes=100_000, redactor=redactor)
    kept = {"days": 0.0, "max_bytes": 1024**3, "sample": 1.0, **limits}
    tables = Tables(open_database(sqlite_url(folder / "log.sqlite")), metadata)
    return RequestLog(tables, rules, LogLimits(kept["days"], int(kept["max_bytes"]), kept["sample"]))


def _kept(log: RequestLog) -> list[str]:
    page = log.read(lambda connection: request_rows.page(connection, RequestFilter(), Cursor(limit=1000)))
    return [str(each.request_id) for each in page.items]


def _lost(reason: str) -> float:
    return REGISTRY.get_sample_value("ragworks_requests_lost_total", {"reason": reason}) or 0.0


@pytest.mark.parametrize(
    "text",
    ["the ferry leaves at the ferry leaves at " * 6, "no " * 60, "A real beginning of an answer. " + "ab" * 80],
)
def test_a_text_that_ends_in_the_same_words_over_and_over_is_a_loop(text: str) -> None:
    assert is_loop(text)


@pytest.mark.parametrize(
    "text",
    [
        "no no no",
        "A harbour is a place where ships take shelter; its depth, its tides and its walls decide which ones. " * 2,
        "\n".join(
            f"{number}. Item number {number} of the list costs {number * 37 % 91} crowns." for number in range(30)
        ),
        "|" + "-" * 90 + "|",
    ],
)
def test_prose_lists_and_short_repetitions_are_no_loops(text: str) -> None:
    assert not is_loop(text)


def test_an_answer_without_text_is_empty_unless_it_calls_a_tool() -> None:
    calling = RequestOutput(tool_calls=[{"id": "a"}])
    blank = RequestOutput(content=" \n")
    assert flags_of(_FIGURES, [blank], error_code="", window=None, takeovers=0) == [Flag.EMPTY]
    assert flags_of(_FIGURES, [calling], error_code="", window=None, takeovers=0) == []


def test_a_prompt_is_long_from_three_quarters_of_the_window_on() -> None:
    outputs = [RequestOutput(content="Yes.")]
    assert flags_of(_FIGURES, outputs, error_code="", window=13, takeovers=0) == [Flag.LONG_PROMPT]
    assert flags_of(_FIGURES, outputs, error_code="", window=14, takeovers=0) == []


def test_the_pieces_of_a_streamed_tool_call_are_put_together() -> None:
    pieces = [
        {"tool_calls": [{"index": 0, "id": "call_1", "function": {"name": "ferry", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"to": '}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '"Oslo"}'}}]},
    ]
    events = [orjson.dumps({"choices": [{"index": 0, "delta": piece}]}) for piece in pieces]
    sent = b"".join(b"data: " + event + b"\n\n" for event in events) + b'data: {"choices":[{"ind'
    (output,) = read_answer(sent)
    assert output.tool_calls == [
        {"id": "call_1", "type": "function", "function": {"name": "ferry", "arguments": '{"to": "Oslo"}'}}
    ]


def test_a_redactor_that_fails_keeps_the_words_from_being_kept(tmp_path: Path) -> None:
    def failing(_: str) -> str:
        raise KeyError("model not loaded")

    with _log(tmp_path, redactor=failing) as log:
        log.keep(_ended(1))
        entry = log.read(lambda connection: request_rows.get(connection, "transaction-1"))
    assert (entry.body, entry.outputs, entry.without) == (None, None, "redactor")


def test_a_redactor_sees_every_text_of_request_and_answer(tmp_path: Path) -> None:
    body: dict[str, object] = {"messages": [{"role": "user", "content": [{"type": "text", "text": "I am Ann."}]}]}
    with _log(tmp_path, redactor=lambda text: text.replace("Ann", "[name]")) as log:
        log.keep(_ended(1, text="Hello Ann.", body=body))
        entry = log.read(lambda connection: request_rows.get(connection, "transaction-1"))
    assert b"Ann" not in orjson.dumps(entry.model_dump(mode="json"))
    assert entry.outputs is not None
    assert entry.outputs[0].content == "Hello [name]."


def test_a_redactor_that_nobody_installed_is_told_by_name() -> None:
    with pytest.raises(UnknownRedactorError, match="'names'"):
        redactor_named("names")


def test_the_oldest_go_when_the_log_is_too_large(tmp_path: Path) -> None:
    with _log(tmp_path, max_bytes=200_000) as log:
        for number in range(600):
            log.keep(_ended(number))
    with _log(tmp_path, max_bytes=200_000) as log:
        kept = _kept(log)
        size = log.read(request_rows.size_bytes)
    assert kept[0] == "transaction-599"
    assert size <= 200_000
    assert 100 < len(kept) < 300


def test_ordinary_requests_are_sampled_and_flagged_ones_are_all_kept(tmp_path: Path) -> None:
    with _log(tmp_path, sample=0.25) as log:
        for number in range(400):
            log.keep(_ended(number, text="" if number % 100 == 0 else "Fine."))
        kept = _kept(log)
    assert {f"transaction-{number}" for number in (0, 100, 200, 300)} <= set(kept)
    assert 60 < len(kept) < 140


def test_what_does_not_fit_the_queue_is_counted_and_the_rest_is_kept(tmp_path: Path) -> None:
    log, before = _log(tmp_path), _lost("queue_full")
    for number in range(2_100):  # nobody writes yet
        log.keep(_ended(number))
    assert _lost("queue_full") - before == 100
    with log:
        assert len(_kept(log)) == 1_000  # a page


def test_what_no_database_takes_holds_up_nothing_else(tmp_path: Path) -> None:
    with _log(tmp_path) as log:
        log.keep(_ended(1, body={"messages": 1 << 80}))
        log.keep(_ended(2, body={"messages": ["a\x00b"]}))
        assert _kept(log) == ["transaction-2"]
