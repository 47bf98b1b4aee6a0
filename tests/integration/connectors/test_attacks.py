"""Outside systems, arguments and statements that mean harm: refused, without a leak, and logged."""

import asyncio
import socket
from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest

from services.shared.components.connectors.sdk import ConnectorError, HttpClient, HttpLimits
from services.shared.components.connectors.sql_statements import require_read
from tests.integration.connectors.conftest import SECRET_ADDRESS, Service, running_service

INNER = [
    "http://127.0.0.1:{port}/page",
    "http://localhost:{port}/page",
    "http://2130706433:{port}/page",
    "http://0x7f000001:{port}/page",
    "http://0177.0.0.1:{port}/page",
    "http://127.1:{port}/page",
    "http://[::1]:{port}/page",
    "http://[::ffff:127.0.0.1]:{port}/page",
    "http://[64:ff9b::7f00:1]:{port}/page",
    "http://[2002:7f00:1::]:{port}/page",
    "http://0.0.0.0:{port}/page",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fe80::1]:{port}/page",
    "http://10.0.0.1/",
    "http://user:password@example.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
]


@pytest.fixture(scope="module")
def careful(tmp_path_factory: pytest.TempPathFactory, outside: str) -> Generator[Service]:
    """A service that may ask no inner host but one by its name."""
    home = tmp_path_factory.mktemp("careful")
    with running_service(home, outside=outside, private=f"localhost:{outside.rsplit(':', 1)[1]}") as found:
        yield found


async def _fetch(service: Service, url: str) -> httpx2.Response:
    async with service.client() as client:
        return await client.post("/api/tools/pages.fetch/call", json={"arguments": {"url": url}})


async def _newest_outcome(service: Service) -> str:
    async with service.client() as client:
        return (await client.get("/api/tool-calls?limit=1")).json()["calls"][0]["outcome"]


@pytest.mark.parametrize("form", [each for each in INNER if "localhost" not in each])
async def test_an_inner_address_is_refused_in_whatever_form(careful: Service, outside: str, form: str) -> None:
    answer = await _fetch(careful, form.format(port=outside.rsplit(":", 1)[1]))

    assert answer.status_code in {403, 502}, answer.text
    assert "ferry" not in answer.text
    assert answer.json()["error"]["code"] in {"address_refused", "host_refused", "unreachable"}
    assert await _newest_outcome(careful) == answer.json()["error"]["code"]


@pytest.mark.parametrize("form", [each for each in INNER if "localhost" not in each and "password" not in each])
async def test_a_redirect_leads_to_no_inner_address(careful: Service, outside: str, form: str) -> None:
    port = outside.rsplit(":", 1)[1]
    answer = await _fetch(careful, f"http://localhost:{port}/leads?to={form.format(port=port)}")

    assert answer.status_code in {403, 502}, answer.text
    assert "ferry" not in answer.text


async def test_a_name_that_changes_its_address_after_a_look_is_refused_when_it_is_connected_to(
    outside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, port = asyncio.get_running_loop(), int(outside.rsplit(":", 1)[1])
    looked_up: list[str] = []

    async def rebinding(host: str, asked: object, **_: object) -> list[object]:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(loop, "getaddrinfo", rebinding)
    client = HttpClient(limits=HttpLimits(attempts=1, timeout_s=2))
    try:
        with pytest.raises(ConnectorError) as refused:
            await client.get(f"http://rebinds.example:{port}/page")
    finally:
        await client.close()

    assert refused.value.code == "address_refused"
    assert looked_up == ["rebinds.example"], "the address that was checked is the one that is connected to"


async def test_only_the_hosts_of_a_connector_are_asked() -> None:
    client = HttpClient(hosts=frozenset({"api.example.com"}), limits=HttpLimits())
    with pytest.raises(ConnectorError) as refused:
        await client.get("http://api.example.com.evil.example/")
    await client.close()

    assert refused.value.code == "host_refused"


async def test_a_decompression_bomb_is_dropped_long_before_it_is_unpacked(service: Service, outside: str) -> None:
    answer = await _fetch(service, f"{outside}/bomb")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "too_large")


async def test_an_answer_that_never_ends_is_ended(service: Service, outside: str) -> None:
    answer = await _fetch(service, f"{outside}/endless")

    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "tool_timeout")


async def test_a_result_can_pass_neither_for_the_system_nor_for_another_passage(service: Service, outside: str) -> None:
    (page,) = (await _fetch(service, f"{outside}/page")).json()["material"]

    assert "<|" not in page["text"]
    assert "[1]" not in page["text"]
    assert "\u200b" not in page["text"]


WRITES = [
    "DELETE FROM orders",
    "SELECT 1; DROP TABLE orders",
    "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
    "INSERT INTO orders SELECT * FROM orders",
    "PRAGMA writable_schema = 1",
    "SELECT * FROM pragma_table_info('orders')",
    "ATTACH DATABASE '/tmp/other.sqlite' AS other",
    "SELECT load_extension('evil')",
    "SELECT writefile('/tmp/x', status) FROM orders",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM orders INTO OUTFILE '/tmp/x'",
    "VACUUM INTO '/tmp/copy'",
    "EXPLAIN DELETE FROM orders",
    "/* SELECT */ UPDATE orders SET status = 'x'",
    "SELECT 1 -- ; harmless\n; UPDATE orders SET status = 'x'",
    "BEGIN; COMMIT",
]


@pytest.mark.parametrize("statement", WRITES)
async def test_a_statement_that_hides_a_write_is_refused_and_logged(service: Service, statement: str) -> None:
    async with service.client() as client:
        answer = await client.post("/api/tools/shop.query/call", json={"arguments": {"sql": statement}})
        rows = await client.post("/api/tools/shop.query/call", json={"arguments": {"sql": "SELECT * FROM orders"}})

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "statement_refused"), answer.text
    assert len(rows.json()["result"]["rows"]) == 2
    assert SECRET_ADDRESS not in answer.text


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_sleep(100)",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT * FROM dblink('host=x', 'select 1') AS t(a int)",
        "SELECT lo_import('/etc/passwd')",
        "COPY orders TO PROGRAM 'id'",
        "SELECT * INTO copied FROM orders",
        "SELECT * FROM orders FOR UPDATE",
        "SELECT * FROM pg_catalog.pg_authid",
        "SELECT nextval('orders_seq')",
        "DO $$ BEGIN DELETE FROM orders; END $$",
        "CALL wipe()",
        "SET ROLE postgres",
        "SELECT query_to_xml('delete from orders', true, true, '')",
    ],
)
def test_what_postgresql_knows_beyond_reading_is_refused(statement: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        require_read(statement, dialect="postgres")

    assert refused.value.code == "statement_refused"


async def test_a_query_that_takes_too_long_is_stopped(service: Service) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    async with service.client() as client:
        answer = await client.post("/api/tools/shop.query/call", json={"arguments": {"sql": endless}})

    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "tool_timeout")


@pytest.mark.parametrize("reference", ["file:../../etc/passwd", "file:/etc/passwd"])
def test_a_secret_outside_of_the_home_folder_is_not_read(tmp_path: Path, reference: str) -> None:
    from services.shared.components.connectors.sdk import Secrets

    with pytest.raises(ConnectorError) as refused:
        Secrets({}, tmp_path).get(reference)

    assert refused.value.code == "secret_missing"


async def test_neither_log_nor_errors_tell_a_secret(service: Service) -> None:
    from tests.processes import logs

    async with service.client() as client:
        await client.post("/api/tools/shop.query/call", json={"arguments": {"sql": "SELECT nothing FROM orders"}})
    assert logs.folder is not None
    written = "".join(each.read_text() for each in logs.folder.glob("services.connectors-*"))

    assert "tool_called" in written
    assert SECRET_ADDRESS not in written
