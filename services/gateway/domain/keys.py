"""API keys: what they look like, what is kept of them, whom they stand for."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from services.gateway.domain.roles import Role

KEY_PREFIX = "rw-"
_SECRET = re.compile(rf"{KEY_PREFIX}[0-9a-f]{{64}}")


@dataclass(frozen=True)
class ApiKey:
    """A key as it is kept: without its secret."""

    id: str
    name: str
    principal: str
    created_at: datetime
    role: Role
    revoked_at: datetime | None = None


def new_secret() -> str:
    """A secret of 256 random bits."""
    return KEY_PREFIX + secrets.token_hex(32)


def new_key_id() -> str:
    """An id that tells nothing about the secret."""
    return "key_" + secrets.token_hex(8)


def principal_of(key_id: str) -> str:
    """The principal an ordinary key stands for."""
    return f"key:{key_id}"


def is_well_formed(secret: str) -> bool:
    """Whether it could be one of our secrets at all."""
    return _SECRET.fullmatch(secret) is not None


def digest(secret: str) -> bytes:
    """What is stored of a secret.

    Plain SHA-256 is right here: a slow, salted hash protects secrets that people choose, and 256 random bits can
    neither be guessed nor be found in a table. It also lets a key be looked up by its digest on every request.
    """
    return sha256(secret.encode()).digest()
