"""A document can do no harm beyond its own parse."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.isolation import ParserPool
from services.shared.components.parsers.limits import ParseLimits
from services.shared.components.parsers.media_type import MediaType
from tests.unit.components.parsers.one_of_each import ONE_OF_EACH

MISBEHAVING: Mapping[str, str] = {MediaType.PLAIN_TEXT: "tests.unit.components.parsers.misbehaving:MisbehavingParser"}
CHATTY: Mapping[str, str] = {MediaType.PLAIN_TEXT: "tests.unit.components.parsers.misbehaving:ChattyParser"}
_MIB = 1024 * 1024


@pytest.fixture
async def pool() -> AsyncGenerator[ParserPool]:
    limits = ParseLimits(
        wall_time=timedelta(seconds=60),
        cpu_time=timedelta(seconds=1),
        address_space_bytes=1024 * _MIB,
        input_bytes=1 * _MIB,
        output_bytes=1 * _MIB,
    )
    async with ParserPool(limits, size=1, parsers=MISBEHAVING) as opened:
        yield opened


async def _failure(pool: ParserPool, text: str) -> ParseFailure:
    with pytest.raises(ParseFailure) as caught:
        await pool.parse(text.encode())
    return caught.value


async def _assert_still_works(pool: ParserPool) -> None:
    assert (await pool.parse(b"still here")).text == "still here"


@pytest.mark.parametrize(
    ("document", "code", "says"),
    [
        ("spin", "cpu_limit", "processor time"),
        ("hoard", "memory_limit", "more memory"),
        ("die SIGKILL", "worker_crashed", "SIGKILL"),
        ("die SIGSEGV", "worker_crashed", "SIGSEGV"),
        ("raise broken xref", "parser_error", "RuntimeError: broken xref"),
        ("connect", "parser_error", "may not use socket"),
        ("run", "parser_error", "may not use"),
    ],
)
async def test_a_document_that_breaks_its_parser_fails_alone_and_the_next_one_is_parsed(
    pool: ParserPool, document: str, code: str, says: str
) -> None:
    failure = await _failure(pool, document)
    assert failure.code == code
    assert says in failure.message
    await _assert_still_works(pool)


async def test_a_parser_that_hangs_is_stopped_at_the_time_limit() -> None:
    limits = ParseLimits(wall_time=timedelta(seconds=0.5))
    async with ParserPool(limits, size=1, parsers=MISBEHAVING) as pool:
        failure = await _failure(pool, "hang")
        assert (failure.stage, failure.code) == (ParseStage.ISOLATION, "timeout")
        assert "0.5 seconds" in failure.message
        await _assert_still_works(pool)


async def test_a_worker_killed_from_outside_is_replaced(pool: ParserPool) -> None:
    await _assert_still_works(pool)
    (pid,) = pool.worker_pids
    os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ParseFailure):  # the death may be noticed only by the next request
        await pool.parse(b"in between")
    await _assert_still_works(pool)
    assert pid not in pool.worker_pids


async def test_closing_the_pool_ends_parses_that_still_run() -> None:
    async with ParserPool(size=1, parsers=MISBEHAVING) as pool:
        await _assert_still_works(pool)
        hanging = asyncio.create_task(pool.parse(b"hang"))
        waiting = asyncio.create_task(pool.parse(b"never begun"))
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(hanging, waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ParseFailure, RuntimeError]


async def test_a_hanging_document_does_not_hold_up_the_others() -> None:
    async with ParserPool(ParseLimits(wall_time=timedelta(seconds=20)), size=2, parsers=MISBEHAVING) as pool:
        hanging = asyncio.create_task(pool.parse(b"hang"))
        results = await asyncio.gather(*(pool.parse(f"document {number}".encode()) for number in range(20)))
        assert [result.text for result in results] == [f"document {number}" for number in range(20)]
        assert not hanging.done()
        hanging.cancel()


async def test_a_cancelled_parse_ends_its_worker_and_the_next_answer_is_not_mixed_up(pool: ParserPool) -> None:
    await _assert_still_works(pool)
    before = pool.worker_pids
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await pool.parse(b"hang")
    await _assert_still_works(pool)
    assert pool.worker_pids.isdisjoint(before)


async def test_workers_are_reused_until_their_last_document() -> None:
    limits = ParseLimits(documents_per_worker=3)
    async with ParserPool(limits, size=1, parsers=MISBEHAVING) as pool:
        seen: list[frozenset[int]] = []
        for _ in range(3):
            seen.append(pool.worker_pids)
            await _assert_still_works(pool)
        assert seen[1] == seen[2]
        assert pool.worker_pids == frozenset()
        await _assert_still_works(pool)


async def test_a_parser_cannot_write_files(pool: ParserPool, tmp_path: Path) -> None:
    target = tmp_path / "escaped.txt"
    assert (await _failure(pool, f"write {target}")).code == "parser_error"
    assert not target.exists() or target.read_text() == ""


async def test_what_a_library_prints_does_not_reach_the_answers() -> None:
    async with ParserPool(size=1, parsers=CHATTY) as pool:
        await _assert_still_works(pool)
        await _assert_still_works(pool)


async def test_a_file_above_the_size_limit_is_refused_before_any_worker_sees_it(
    pool: ParserPool, tmp_path: Path
) -> None:
    large = tmp_path / "large.txt"
    large.write_bytes(b"a" * (_MIB + 1))
    with pytest.raises(ParseFailure, match="larger than the 1,048,576 bytes") as caught:
        await pool.parse(large)
    assert caught.value.code == "too_large"
    assert pool.worker_pids == frozenset()


async def test_an_answer_above_the_size_limit_is_refused() -> None:
    async with ParserPool(ParseLimits(output_bytes=10_000), size=1) as pool:
        with pytest.raises(ParseFailure, match=r"more than the 10,000 allowed") as caught:
            await pool.parse(b"word " * 5_000)
        assert caught.value.code == "output_too_large"


async def test_a_worker_that_floods_the_pipe_is_ended(pool: ParserPool) -> None:
    assert (await _failure(pool, f"flood {2 * _MIB}")).code == "worker_crashed"
    await _assert_still_works(pool)


async def test_a_missing_file_is_named_as_such(pool: ParserPool, tmp_path: Path) -> None:
    with pytest.raises(ParseFailure, match="No such file") as caught:
        await pool.parse(tmp_path / "nowhere.txt")
    assert (caught.value.stage, caught.value.code) == (ParseStage.READ, "unreadable")


async def test_no_worker_outlives_its_pool() -> None:
    async with ParserPool(size=2, parsers=MISBEHAVING) as pool:
        await asyncio.gather(pool.parse(b"one"), pool.parse(b"two"))
        pids = pool.worker_pids
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_the_default_limits_let_every_real_parser_run() -> None:
    async with ParserPool(size=1) as pool:
        examples = ONE_OF_EACH.values()
        documents = [await pool.parse(example.content, filename=example.filename) for example in examples]
        assert [document.media_type for document in documents] == list(ONE_OF_EACH)


def test_the_process_that_owns_the_pool_loads_no_parser() -> None:
    script = (
        "import sys, services.shared.components.parsers.isolation\n"
        "parsers = ('liteparse', 'selectolax', 'html_to_markdown', 'chardet', 'openpyxl')\n"
        "print([m for m in parsers if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
