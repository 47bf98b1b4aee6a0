"""Whose session a cookie is: remembered for moments, so that a page's many requests do not each read the table."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from services.gateway.adapters.key_ring import KeyRing
from services.gateway.adapters.session_store import SessionStore
from services.gateway.domain.keys import ApiKey, digest
from services.gateway.domain.sessions import WebSession, new_session_secret
from services.gateway.errors import SessionOverError

_REMEMBERED = 10_000


class SessionRing:
    """Begins, checks and ends sessions; a session ended elsewhere is noticed after `fresh_for_s`."""

    def __init__(self, store: SessionStore, keys: KeyRing, *, lasts: timedelta, fresh_for_s: float) -> None:
        self._store = store
        self._keys = keys
        self.lasts = lasts
        self._fresh_for_s = fresh_for_s
        self._known: dict[bytes, tuple[float, WebSession]] = {}

    async def begin(self, key: ApiKey) -> tuple[str, WebSession]:
        """A new session of a key, and the cookie's value that opens it."""
        secret = new_session_secret()
        session = WebSession(key.id, datetime.now(UTC) + self.lasts)
        await asyncio.to_thread(self._store.add, session, digest=digest(secret))
        return secret, session

    async def owner(self, secret: str) -> ApiKey:
        """The key that a session stands for.

        Raises:
            SessionOverError: there is no such session, it is over, or its key was revoked.
        """
        session = await self._find(digest(secret))
        if session is None or session.expires_at <= datetime.now(UTC):
            raise SessionOverError
        key = await self._keys.by_id(session.key_id)
        if key is None:
            raise SessionOverError
        return key

    async def end(self, secret: str) -> None:
        """Let the cookie open nothing any more."""
        ended = digest(secret)
        self._known.pop(ended, None)
        await asyncio.to_thread(self._store.remove, ended)

    async def _find(self, wanted: bytes) -> WebSession | None:
        found = self._known.get(wanted)
        if found is not None and found[0] > time.monotonic():
            return found[1]
        session = await asyncio.to_thread(self._store.find, wanted)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        if session is not None:
            self._known[wanted] = time.monotonic() + self._fresh_for_s, session
        return session
