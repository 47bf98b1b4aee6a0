"""The keys in use, held in memory, so that checking one costs microseconds."""

import asyncio
import time
from collections.abc import Mapping
from hmac import compare_digest

from services.gateway.adapters.key_store import KeyStore
from services.gateway.domain.keys import ApiKey, digest, is_well_formed
from services.gateway.errors import WrongKeyError
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger

_log = get_logger("keys")


class KeyRing:
    """Answers whose key a secret is; reads the store again when its memory is older than `fresh_for_s`."""

    def __init__(self, store: KeyStore, *, fresh_for_s: float) -> None:
        self._store = store
        self._fresh_for_s = fresh_for_s
        self._keys: Mapping[bytes, tuple[bytes, ApiKey]] = {}
        self._stale_at = 0.0

    async def owner(self, secret: str) -> ApiKey:
        """The key of a secret.

        Raises:
            WrongKeyError: malformed, unknown or revoked.
        """
        if not is_well_formed(secret):
            raise WrongKeyError
        await self._freshen()
        given = digest(secret)
        found = self._keys.get(_index(given))
        if found is None or not compare_digest(found[0], given):
            raise WrongKeyError
        return found[1]

    async def by_id(self, key_id: str) -> ApiKey | None:
        """The key in use with this id."""
        await self._freshen()
        return next((key for _, key in self._keys.values() if key.id == key_id), None)

    async def reload(self) -> None:
        """Read the keys from the store, now."""
        keys = await asyncio.to_thread(self._store.keys_in_use)
        self._keys = {_index(kept): (kept, key) for kept, key in keys.items()}
        self._stale_at = time.monotonic() + self._fresh_for_s

    async def _freshen(self) -> None:
        if time.monotonic() >= self._stale_at:
            await self._refresh()

    async def _refresh(self) -> None:
        known = self._keys
        if known:
            self._stale_at = time.monotonic() + self._fresh_for_s  # others go on with what is known meanwhile
        try:
            await self.reload()
        except PlatformError as error:
            if not known:
                raise
            _log.warning("keys_not_refreshed", reason=error.message)


def _index(of: bytes) -> bytes:
    """Enough of a digest to find its key; the rest is compared in constant time."""
    return of[:8]
