"""Signed requests between services."""

import time

import jwt
import pytest
from pydantic import SecretStr

from services.shared.kit.auth import ServiceSigner, ServiceVerifier
from services.shared.kit.errors import AuthenticationError
from tests.processes import wait_until
from tests.unit.kit.conftest import KEY


def signer(key: str = KEY) -> ServiceSigner:
    return ServiceSigner("alpha", SecretStr(key))


def verifier() -> ServiceVerifier:
    return ServiceVerifier("beta", SecretStr(KEY))


def forged(**claims: object) -> str:
    valid = {"iss": "alpha", "aud": "beta", "sub": "", "req": "GET /x", "exp": int(time.time()) + 60}
    return jwt.encode({k: v for k, v in (valid | claims).items() if v is not None}, KEY, algorithm="HS256")


def test_a_token_tells_who_calls_and_for_whom() -> None:
    token = signer().token(audience="beta", method="GET", path="/x", principal="key:1")
    caller = verifier().verify(token, method="GET", path="/x")
    assert (caller.service, caller.principal) == ("alpha", "key:1")


def test_no_principal_stays_no_principal() -> None:
    token = signer().token(audience="beta", method="GET", path="/x", principal=None)
    assert verifier().verify(token, method="GET", path="/x").principal is None


@pytest.mark.parametrize(
    ("method", "path", "audience"),
    [("POST", "/x", "beta"), ("GET", "/y", "beta"), ("GET", "/x/", "beta"), ("GET", "/x", "gamma")],
)
def test_a_token_is_good_for_its_own_request_only(method: str, path: str, audience: str) -> None:
    beta = verifier()
    token = signer().token(audience=audience, method="GET", path="/x", principal=None)
    for _ in range(2):  # whether remembered or not
        with pytest.raises(AuthenticationError):
            beta.verify(token, method=method, path=path)
        if audience == "beta":
            beta.verify(token, method="GET", path="/x")


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "nonsense",
        signer("8" * 64).token(audience="beta", method="GET", path="/x", principal=None),
        forged(exp=int(time.time()) - 10),
        forged(req=None),
        forged(sub=None),
        forged(exp=None),
        jwt.encode({"iss": "alpha", "aud": "beta", "sub": "", "req": "GET /x"}, "", algorithm="none"),
    ],
)
def test_a_token_that_is_missing_forged_expired_or_incomplete_is_refused(token: str | None) -> None:
    with pytest.raises(AuthenticationError):
        verifier().verify(token, method="GET", path="/x")


def test_a_remembered_token_is_refused_once_it_has_expired() -> None:
    beta, token = verifier(), forged(exp=int(time.time()) - 3)  # within the five seconds that clocks may differ

    def refused() -> bool:
        try:
            beta.verify(token, method="GET", path="/x")
        except AuthenticationError as error:
            return "expired" in error.message
        return False

    assert not refused()
    wait_until(refused, deadline_s=10, what="the token to be refused")


def test_equal_calls_share_a_token_and_others_do_not() -> None:
    alpha = signer()
    first = alpha.token(audience="beta", method="GET", path="/x", principal="key:1")
    assert alpha.token(audience="beta", method="GET", path="/x", principal="key:1") == first
    assert alpha.token(audience="beta", method="GET", path="/x", principal="key:2") != first
    assert alpha.token(audience="beta", method="GET", path="/y", principal="key:1") != first
    assert alpha.token(audience="gamma", method="GET", path="/x", principal="key:1") != first


def test_a_shared_token_is_replaced_long_before_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    alpha, now = signer(), time.time()
    first = alpha.token(audience="beta", method="GET", path="/x", principal=None)
    monkeypatch.setattr(time, "time", lambda: now + 25)
    second = alpha.token(audience="beta", method="GET", path="/x", principal=None)
    assert second != first
    assert jwt.decode(second, options={"verify_signature": False})["exp"] > now + 80


def test_what_is_remembered_stays_bounded() -> None:
    alpha, beta = signer(), verifier()
    for number in range(5000):
        path = f"/{number}"
        beta.verify(alpha.token(audience="beta", method="GET", path=path, principal=None), method="GET", path=path)
    assert len(alpha._recent) <= 4096  # pyright: ignore[reportPrivateUsage]
    assert len(beta._known) <= 4096  # pyright: ignore[reportPrivateUsage]
