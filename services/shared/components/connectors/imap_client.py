"""The commands of IMAP4rev1 (RFC 3501) that reading a mailbox takes, over a connection that is open."""

import asyncio
import re
from dataclasses import dataclass, field

from services.shared.components.connectors.dial import Line
from services.shared.components.connectors.failures import ConnectorError

_LITERAL = re.compile(rb"\{(\d+)\}$")
_VALIDITY = re.compile(rb"UIDVALIDITY (\d+)", re.IGNORECASE)
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)", re.IGNORECASE)
_MOST_LINES = 100_000


@dataclass
class _Said:
    """A line of the server, with the literals in it."""

    text: bytes
    literals: list[bytes] = field(default_factory=list[bytes])


class ImapClient:
    """One session. Every method raises ConnectorError when the server refuses or takes too long."""

    def __init__(self, line: Line, *, timeout_s: float) -> None:
        self._line = line
        self._timeout_s = timeout_s
        self._number = 0
        self._greeted = False

    async def login(self, user: str, password: str) -> None:
        """Be let in."""
        await self._command(f"LOGIN {_quoted(user)} {_quoted(password)}", shown="LOGIN")

    async def examine(self, mailbox: str) -> int:
        """Open a mailbox for reading; the number that changes when its messages are numbered anew."""
        said = await self._command(f"EXAMINE {_quoted(mailbox)}", shown=f"EXAMINE {mailbox}")
        found = next((match for each in said if (match := _VALIDITY.search(each.text))), None)
        if found is None:
            raise ConnectorError("invalid_answer", "The mail server does not number its messages.")
        return int(found[1])

    async def search(self, key: str, value: str) -> list[int]:
        """The numbers of messages: `TEXT` with words, `UID` with a range."""
        criterion = value if key == "UID" else _quoted(value)
        charset = "" if criterion.isascii() else "CHARSET UTF-8 "
        said = await self._command(f"UID SEARCH {charset}{key} {criterion}", shown="SEARCH")
        numbers = [each.text.split()[2:] for each in said if each.text.upper().startswith(b"* SEARCH")]
        return [int(number) for some in numbers for number in some if number.isdigit()]

    async def fetch(self, uid: int, *, most: int) -> bytes:
        """A message, which stays unread; refused when it has more bytes."""
        said = await self._command(f"UID FETCH {uid} (RFC822.SIZE)", shown="FETCH")
        size = next((int(match[1]) for each in said if (match := _SIZE.search(each.text))), None)
        if size is None:
            raise ConnectorError("vanished", "The message is not there any more.")
        if size > most:
            raise ConnectorError("too_large", f"The message has {size:,} bytes; at most {most:,} are read.")
        said = await self._command(f"UID FETCH {uid} (BODY.PEEK[])", shown="FETCH", most=most + 10_000)
        found = next((literal for each in said for literal in each.literals), None)
        if found is None:
            raise ConnectorError("invalid_answer", "The mail server did not send the message.")
        return found

    async def _command(self, command: str, *, shown: str, most: int = 1_000_000) -> list[_Said]:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._exchange(command, shown=shown, most=most)
        except TimeoutError as error:
            raise ConnectorError("timeout", f"The mail server did not answer {shown} in time.", counts=True) from error

    async def _exchange(self, command: str, *, shown: str, most: int) -> list[_Said]:
        if not self._greeted:
            await self._line.reader.readuntil(b"\r\n")
            self._greeted = True
        self._number += 1
        tag = f"r{self._number}"
        self._line.writer.write(f"{tag} {command}\r\n".encode())
        await self._line.writer.drain()
        said: list[_Said] = []
        while len(said) < _MOST_LINES:
            each = await self._said(most)
            if each.text.startswith(f"{tag} ".encode()):
                _require_ok(each.text[len(tag) + 1 :], shown)
                return said
            said.append(each)
        raise ConnectorError("too_large", f"The mail server answers {shown} with too many lines.")

    async def _said(self, most: int) -> _Said:
        said = _Said(b"")
        while True:
            text = (await self._line.reader.readuntil(b"\r\n"))[:-2]
            said.text += text
            literal = _LITERAL.search(text)
            if literal is None:
                return said
            if int(literal[1]) > most:
                raise ConnectorError("too_large", f"The mail server sends {int(literal[1]):,} bytes at once.")
            said.literals.append(await self._line.reader.readexactly(int(literal[1])))


def _require_ok(status: bytes, shown: str) -> None:
    if not status.upper().startswith(b"OK"):
        told = status.decode("utf-8", "replace")[:200]
        raise ConnectorError("refused", f"The mail server refused {shown}: {told}")


def _quoted(text: str) -> str:
    """A quoted string; what could end it, or the line, is refused."""
    if any(each in text for each in "\r\n\0"):
        raise ConnectorError("invalid_arguments", "Line breaks cannot be sent to a mail server here.")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
