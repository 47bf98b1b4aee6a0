"""Asking an inner service as the gateway would: every request with a signed token."""

from collections.abc import Generator

import httpx2
from pydantic import SecretStr

from services.shared.kit.auth import TOKEN_HEADER, ServiceSigner

INTERNAL_KEY = "a key that only the tests' processes share"


class Signed(httpx2.Auth):
    """Signs each request as the gateway, for a principal; hand it to an httpx2 client or through it to `openai`."""

    def __init__(self, audience: str, *, principal: str | None = "key:tester") -> None:
        self._audience = audience
        self._principal = principal
        self._signer = ServiceSigner("gateway", SecretStr(INTERNAL_KEY))

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Add the token."""
        request.headers[TOKEN_HEADER] = self._signer.token(
            audience=self._audience, method=request.method, path=request.url.path, principal=self._principal
        )
        yield request
