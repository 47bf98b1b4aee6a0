"""Signed requests between services: a short-lived token per call, bound to caller, receiver, method and path.

A token is a JWT (RFC 7519, HS256). It says who calls (`iss`), whom (`aud`), for which principal (`sub`), what
(`req`), and is refused after a minute. Not here: users' API keys, which only the gateway knows.
"""

import time
from dataclasses import dataclass

import jwt
from pydantic import SecretStr

from services.shared.kit.errors import AuthenticationError

TOKEN_HEADER = "x-ragworks-token"  # noqa: S105 - a name, not a secret
LIFETIME_S = 60
_LEEWAY_S = 5
_ALGORITHM = "HS256"


@dataclass(frozen=True)
class Caller:
    """Who sent a verified request: the calling service, and the principal it acts for."""

    service: str
    principal: str | None


@dataclass(frozen=True)
class ServiceSigner:
    """Signs this service's calls to the others."""

    service: str
    key: SecretStr

    def token(self, *, audience: str, method: str, path: str, principal: str | None) -> str:
        """A token for one request; `path` is without the query string."""
        claims = {
            "iss": self.service,
            "aud": audience,
            "sub": principal or "",
            "req": f"{method} {path}",
            "exp": int(time.time()) + LIFETIME_S,
        }
        return jwt.encode(claims, self.key.get_secret_value(), algorithm=_ALGORITHM)


@dataclass(frozen=True)
class ServiceVerifier:
    """Checks that a request comes from the gateway or another service and was meant for this one."""

    service: str
    key: SecretStr

    def verify(self, token: str | None, *, method: str, path: str) -> Caller:
        """The caller.

        Raises:
            AuthenticationError: no token, a wrong one, an expired one, or one for another request.
        """
        if not token:
            raise AuthenticationError(
                f"{self.service} answers the platform's own services only; ask the gateway."
            )
        try:
            claims = jwt.decode(
                token,
                self.key.get_secret_value(),
                algorithms=[_ALGORITHM],
                audience=self.service,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iss", "aud", "sub", "req"]},
            )
        except jwt.InvalidTokenError as error:
            raise AuthenticationError(f"The service token was refused: {error}.") from error
        if claims["req"] != f"{method} {path}":
            raise AuthenticationError("The service token was issued for another request.")
        return Caller(service=claims["iss"], principal=claims["sub"] or None)
