"""Signed requests between services: a short-lived token, bound to caller, receiver, method and path.

A token is a JWT (RFC 7519, HS256). It says who calls (`iss`), whom (`aud`), for which principal (`sub`), what
(`req`), and is refused after a minute. Not here: users' API keys, which only the gateway knows.

Signing and checking cost as much as relaying a request (50 and 100 us), so both sides remember: equal calls
of a principal share a token for some seconds, and a token found good is not checked again while it lasts.
"""

import time
from dataclasses import dataclass, field

import jwt
from pydantic import SecretStr

from services.shared.kit.errors import AuthenticationError

TOKEN_HEADER = "x-ragworks-token"  # noqa: S105 - a name, not a secret
LIFETIME_S = 60
_SHARED_FOR_S = 20
_LEEWAY_S = 5
_ALGORITHM = "HS256"
_REMEMBERED = 4096

_Call = tuple[str, str, str, str]


@dataclass(frozen=True)
class Caller:
    """Who sent a verified request: the calling service, and the principal it acts for."""

    service: str
    principal: str | None


@dataclass(frozen=True)
class _Verdict:
    caller: Caller
    request: str
    expires: int


@dataclass(frozen=True)
class ServiceSigner:
    """Signs this service's calls to the others."""

    service: str
    key: SecretStr
    _recent: dict[_Call, tuple[str, float]] = field(
        default_factory=dict[_Call, tuple[str, float]], init=False, repr=False, compare=False
    )

    def token(self, *, audience: str, method: str, path: str, principal: str | None) -> str:
        """A token for one request; `path` is without the query string."""
        call = (audience, method, path, principal or "")
        now = time.time()
        known = self._recent.get(call)
        if known is not None and now < known[1]:
            return known[0]
        token = self._sign(call, now)
        if len(self._recent) >= _REMEMBERED:
            self._recent.clear()
        self._recent[call] = (token, now + _SHARED_FOR_S)
        return token

    def _sign(self, call: _Call, now: float) -> str:
        audience, method, path, principal = call
        claims = {
            "iss": self.service,
            "aud": audience,
            "sub": principal,
            "req": f"{method} {path}",
            "exp": int(now) + LIFETIME_S,
        }
        return jwt.encode(claims, self.key.get_secret_value(), algorithm=_ALGORITHM)


@dataclass(frozen=True)
class ServiceVerifier:
    """Checks that a request comes from the gateway or another service and was meant for this one."""

    service: str
    key: SecretStr
    _known: dict[str, _Verdict] = field(default_factory=dict[str, _Verdict], init=False, repr=False, compare=False)

    def verify(self, token: str | None, *, method: str, path: str) -> Caller:
        """The caller.

        Raises:
            AuthenticationError: no token, a wrong one, an expired one, or one for another request.
        """
        if not token:
            raise AuthenticationError(f"{self.service} answers the platform's own services only; ask the gateway.")
        verdict = self._known.get(token)
        if verdict is None or time.time() >= verdict.expires:
            verdict = self._check(token)
            self._remember(token, verdict)
        if verdict.request != f"{method} {path}":
            raise AuthenticationError("The service token was issued for another request.")
        return verdict.caller

    def _check(self, token: str) -> _Verdict:
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
        return _Verdict(
            caller=Caller(service=claims["iss"], principal=claims["sub"] or None),
            request=claims["req"],
            expires=claims["exp"],
        )

    def _remember(self, token: str, verdict: _Verdict) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[token] = verdict
