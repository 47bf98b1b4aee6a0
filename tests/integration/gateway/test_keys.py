"""Who is let in."""

import re
import sqlite3
import stat

import aiohttp
import pytest

from services.gateway.domain.roles import Role
from services.gateway.domain.table import RULES
from tests.integration.gateway.conftest import START_S, Platform, client_of
from tests.processes import running


def error_of(body: object) -> dict[str, str]:
    assert isinstance(body, dict)
    assert set(body["error"]) == {"message", "type", "code", "param"}
    return body["error"]


async def test_a_request_without_a_key_is_told_where_the_key_lies(
    stranger: aiohttp.ClientSession, platform: Platform
) -> None:
    async with stranger.get("/v1/models") as response:
        error = error_of(await response.json())
        assert response.status == 401
        assert response.headers["www-authenticate"] == "Bearer"
    assert error["code"] == "missing_api_key"
    assert "secrets/api.key under RAGWORKS_HOME" in error["message"]
    assert str(platform.home) not in error["message"]


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer rw-" + "0" * 64,
        "Bearer sk-something-else",
        "Bearer ",
        "Bearer rw-" + "0" * 63 + "ü",
        "Bearer rw-" + "0" * 5000,
        "Basic cnc6cnc=",
    ],
)
async def test_a_wrong_or_malformed_key_is_refused(stranger: aiohttp.ClientSession, authorization: str) -> None:
    async with stranger.get("/v1/models", headers={"authorization": authorization}) as response:
        assert response.status == 401
        assert error_of(await response.json())["type"] == "authentication_error"


async def test_the_scheme_of_the_key_may_be_written_in_any_case(
    stranger: aiohttp.ClientSession, platform: Platform
) -> None:
    async with stranger.get("/v1/models", headers={"authorization": f"bearer {platform.key}"}) as response:
        assert response.status == 200


async def test_a_new_key_works_at_once_and_stands_for_its_own_principal(
    door: aiohttp.ClientSession, platform: Platform
) -> None:
    async with door.post("/api/keys", json={"name": "notebook"}) as response:
        assert response.status == 201
        created = await response.json()
    async with client_of(platform, created["key"]) as client, client.get("/v1/models") as response:
        seen = await response.json()
    assert seen["principal"] == created["details"]["principal"] == f"key:{created['details']['id']}"


async def test_a_revoked_key_is_refused_at_once(door: aiohttp.ClientSession, platform: Platform) -> None:
    async with door.post("/api/keys", json={"name": "lost laptop"}) as response:
        created = await response.json()
    async with client_of(platform, created["key"]) as client:
        async with client.get("/v1/models") as response:
            assert response.status == 200
        async with door.delete(f"/api/keys/{created['details']['id']}") as response:
            assert (await response.json())["deleted"] is True
        async with client.get("/v1/models") as response:
            assert response.status == 401
    async with door.get("/api/keys") as response:
        listed = {key["id"]: key for key in (await response.json())["data"]}
    assert listed[created["details"]["id"]]["revoked_at"] is not None


async def test_a_secret_is_shown_once_and_kept_nowhere(door: aiohttp.ClientSession, platform: Platform) -> None:
    async with door.post("/api/keys", json={"name": "shown once"}) as response:
        secret = (await response.json())["key"]
    async with door.get("/api/keys") as response:
        assert secret not in await response.text()
    with sqlite3.connect(platform.home / "db" / "gateway.sqlite") as database:
        dump = "\n".join(database.iterdump())
    assert "shown once" in dump
    assert secret not in dump
    assert secret.encode().hex() not in dump.lower()
    assert platform.key not in dump


async def test_keys_and_replicas_are_the_operators_alone(door: aiohttp.ClientSession, platform: Platform) -> None:
    async with door.post("/api/keys", json={"name": "plain user"}) as response:
        created = await response.json()
    async with client_of(platform, created["key"]) as user:
        for method, path in (
            ("GET", "/api/keys"),
            ("POST", "/api/keys"),
            ("DELETE", "/api/keys/key_0"),
            ("GET", "/api/models"),
            ("POST", "/api/models/any/drain"),
        ):
            async with user.request(method, path, json={"name": "mine"}) as response:
                assert response.status == 403
                assert error_of(await response.json())["code"] == "operator_only"


async def _refusals(user: aiohttp.ClientSession) -> dict[tuple[str, str, Role], str]:
    """What each rule of the table says to a key: the code of a refusal by its role, else nothing."""
    said: dict[tuple[str, str, Role], str] = {}
    for rule in RULES:
        path = re.sub(r"{[^}]*}", "any", rule.path)
        for method in rule.methods:
            async with user.request(method, path, json=None if method == "GET" else {"name": "x"}) as response:
                code = error_of(await response.json())["code"] if response.status == 403 else ""
                said[method, path, rule.role] = code
    return said


async def test_a_key_is_refused_what_is_above_its_role_and_nothing_else(
    door: aiohttp.ClientSession, platform: Platform
) -> None:
    due = {
        Role.READER: {Role.READER: "", Role.EDITOR: "reader_key", Role.OPERATOR: "operator_only"},
        Role.EDITOR: {Role.READER: "", Role.EDITOR: "", Role.OPERATOR: "operator_only"},
    }
    for role, codes in due.items():
        async with door.post("/api/keys", json={"name": "somebody", "role": role}) as response:
            created = await response.json()
            assert created["details"]["role"] == role
        async with client_of(platform, created["key"]) as user:
            said = await _refusals(user)
        assert {asked: code for asked, code in said.items() if code != codes[asked[2]]} == {}


async def test_a_reader_asks_and_reads_what_is_cited_and_changes_nothing(
    door: aiohttp.ClientSession, platform: Platform
) -> None:
    async with door.post("/api/keys", json={"name": "reader", "role": "reader"}) as response:
        key = (await response.json())["key"]
    async with client_of(platform, key) as reader:
        allowed = [("POST", "/v1/chat/completions"), ("POST", "/api/search"), ("GET", "/api/documents/doc/text")]
        refused = [
            ("POST", "/v1/files"),
            ("GET", "/v1/files"),
            ("GET", "/api/documents"),
            ("DELETE", "/api/documents/doc"),
            ("DELETE", "/api/collections/docs"),
            ("DELETE", "/v1/vector_stores/vs"),
            ("POST", "/api/sources"),
            ("DELETE", "/api/principals/key:anna"),
        ]
        assert [await _status(reader, *each) for each in allowed] == [200] * len(allowed)
        assert [await _status(reader, *each) for each in refused] == [403] * len(refused)


async def _status(user: aiohttp.ClientSession, method: str, path: str) -> int:
    async with user.request(method, path, json=None if method == "GET" else {"name": "x"}) as response:
        return response.status


async def test_there_is_one_operator(door: aiohttp.ClientSession) -> None:
    async with door.post("/api/keys", json={"name": "another", "role": "operator"}) as response:
        assert response.status == 400
        assert "there is one operator" in error_of(await response.json())["message"]


async def test_the_operators_key_cannot_lock_itself_out(door: aiohttp.ClientSession) -> None:
    async with door.get("/api/keys") as response:
        operator = next(
            key for key in (await response.json())["data"] if key["name"] == "operator" and key["revoked_at"] is None
        )
    async with door.delete(f"/api/keys/{operator['id']}") as response:
        assert response.status == 409
        assert "delete secrets/api.key" in error_of(await response.json())["message"]


async def test_revoking_an_unknown_key_says_so(door: aiohttp.ClientSession) -> None:
    async with door.delete("/api/keys/key_nobody") as response:
        assert response.status == 404
        assert error_of(await response.json())["code"] == "key_not_found"


async def test_a_key_without_a_name_is_refused(door: aiohttp.ClientSession) -> None:
    async with door.post("/api/keys", json={}) as response:
        assert response.status == 400
        assert error_of(await response.json())["param"] == "name"


def test_the_operators_key_can_be_read_by_its_owner_alone(platform: Platform) -> None:
    file = platform.home / "secrets" / "api.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert platform.key.startswith("rw-")


async def test_deleting_the_key_file_and_restarting_replaces_the_operators_key(own_platform: Platform) -> None:
    ready = f"{own_platform.url}/healthz"
    with running("services.gateway", own_platform.environment, ready=ready, deadline_s=START_S):
        first = own_platform.key
    (own_platform.home / "secrets" / "api.key").unlink()
    with running("services.gateway", own_platform.environment, ready=ready, deadline_s=START_S):
        assert own_platform.key != first
        async with client_of(own_platform, first) as old, old.get("/v1/models") as response:
            assert response.status == 401
        async with client_of(own_platform) as new, new.get("/v1/models") as response:
            assert (await response.json())["principal"] == "key:operator"
