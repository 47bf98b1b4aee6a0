"""Keys, the table that keeps them and the ring that remembers them."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, text

from services.gateway.adapters.key_ring import KeyRing
from services.gateway.adapters.key_store import KeyStore
from services.gateway.domain.keys import ApiKey, digest, is_well_formed, new_key_id, new_secret, principal_of
from services.gateway.domain.roles import Role
from services.gateway.errors import BootstrapKeyError, KeyNotFoundError, WrongKeyError
from services.shared.contracts.principals import OPERATOR
from services.shared.kit.database import open_database, sqlite_url
from services.shared.kit.errors import StorageFullError


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = sqlite_url(tmp_path / "gateway.sqlite")
    store = open_store(url)
    store.prepare()
    store.engine.dispose()
    return url


def open_store(url: str) -> KeyStore:
    return KeyStore(open_database(url))


def add_key(store: KeyStore, name: str = "a key") -> tuple[ApiKey, str]:
    secret, key_id = new_secret(), new_key_id()
    key = ApiKey(id=key_id, name=name, principal=principal_of(key_id), created_at=datetime.now(UTC), role=Role.READER)
    store.add(key, digest=digest(secret))
    return key, secret


def add_keys(store: KeyStore, number: int) -> None:
    for _ in range(number):
        add_key(store, name="n" * 200)


def test_secrets_are_long_random_and_recognisable() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(is_well_formed(secret) and len(secret) == 67 for secret in secrets)


@pytest.mark.parametrize(
    "secret", ["", "rw-", "rw-" + "g" * 64, "rw-" + "0" * 63, "rw-" + "0" * 65, "rw-" + "0" * 64 + "\n"]
)
def test_what_cannot_be_a_secret_is_not_looked_up(secret: str) -> None:
    assert not is_well_formed(secret)


def test_a_key_comes_back_as_it_was_kept(database: str) -> None:
    key, secret = add_key(open_store(database), name="für das Notizbuch")
    assert open_store(database).keys_in_use() == {digest(secret): key}


def test_a_revoked_key_stays_listed_with_its_end(database: str) -> None:
    store = open_store(database)
    key, _ = add_key(store)
    store.revoke(key.id)
    assert store.keys_in_use() == {}
    (listed,) = store.all_keys()
    assert listed.revoked_at is not None
    assert listed.revoked_at.tzinfo is UTC
    with pytest.raises(KeyNotFoundError):
        store.revoke(key.id)


def test_the_operator_has_one_key_whose_principal_outlives_it(database: str) -> None:
    store, first, second = open_store(database), new_secret(), new_secret()
    for secret in (first, first, second):
        store.set_operator_key(digest(secret))
    (kept,) = store.keys_in_use().items()
    assert kept[0] == digest(second)
    assert kept[1].principal == OPERATOR
    assert len(store.all_keys()) == 2
    with pytest.raises(BootstrapKeyError):
        store.revoke(kept[1].id)


def test_replacing_the_operators_key_leaves_the_others(database: str) -> None:
    store = open_store(database)
    key, secret = add_key(store)
    store.set_operator_key(digest(new_secret()))
    assert store.keys_in_use()[digest(secret)] == key


def test_a_full_disk_refuses_the_new_key_and_keeps_the_old_ones(database: str) -> None:
    store = open_store(database)
    _, secret = add_key(store)
    # SQLite's own limit on pages raises the very error that a full disk does.
    event.listen(store.engine, "begin", lambda connection: connection.exec_driver_sql("pragma max_page_count = 1"))
    with pytest.raises(StorageFullError):
        add_keys(store, 200)
    assert digest(secret) in store.keys_in_use()


async def test_a_known_key_needs_no_database(database: str) -> None:
    store = open_store(database)
    key, secret = add_key(store)
    ring = KeyRing(store, fresh_for_s=3600)
    await ring.reload()
    store.engine.dispose()
    with store.engine.begin() as connection:
        connection.execute(text("drop table api_keys"))
    started = time.process_time()
    for _ in range(1000):
        assert await ring.owner(secret) == key
    assert (time.process_time() - started) / 1000 < 0.0005


async def test_a_wrong_key_is_refused_without_a_database_too(database: str) -> None:
    store = open_store(database)
    _, secret = add_key(store)
    ring = KeyRing(store, fresh_for_s=3600)
    await ring.reload()
    for wrong in (new_secret(), secret[:-1] + ("0" if secret[-1] != "0" else "1"), "", secret + "0"):
        with pytest.raises(WrongKeyError):
            await ring.owner(wrong)


async def test_a_key_made_or_revoked_by_another_process_is_noticed(database: str) -> None:
    ring = KeyRing(open_store(database), fresh_for_s=0)
    other = open_store(database)
    await ring.reload()
    key, secret = add_key(other)
    assert await ring.owner(secret) == key
    other.revoke(key.id)
    with pytest.raises(WrongKeyError):
        await ring.owner(secret)


async def test_a_database_that_is_lost_for_a_while_locks_nobody_out(database: str) -> None:
    store = open_store(database)
    key, secret = add_key(store)
    ring = KeyRing(store, fresh_for_s=0)
    await ring.reload()
    with store.engine.begin() as connection:
        connection.execute(text("alter table api_keys rename to gone"))
    assert await ring.owner(secret) == key


def test_keys_from_before_there_were_roles_go_on_changing_documents(tmp_path: Path) -> None:
    path = tmp_path / "gateway.sqlite"
    secret = new_secret()
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "CREATE TABLE api_keys (id VARCHAR(64) PRIMARY KEY, digest BLOB NOT NULL, name VARCHAR(200) NOT NULL, "
            "principal VARCHAR(200) NOT NULL, created_at DATETIME NOT NULL, revoked_at DATETIME)"
        )
        row = ("key_old", digest(secret), "old", "key:key_old", "2026-01-01 00:00:00.000000", None)
        database.execute("INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?)", row)
        database.commit()
    store = open_store(sqlite_url(path))

    store.prepare()

    assert store.keys_in_use()[digest(secret)].role is Role.EDITOR


def test_a_role_may_do_what_those_below_it_may() -> None:
    assert Role.OPERATOR.includes(Role.EDITOR)
    assert Role.EDITOR.includes(Role.READER)
    assert Role.READER.includes(Role.READER)
    assert not Role.READER.includes(Role.EDITOR)
    assert not Role.EDITOR.includes(Role.OPERATOR)
