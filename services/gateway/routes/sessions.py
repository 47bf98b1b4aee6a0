"""`/api/session`: a browser exchanges its API key for a cookie that no script can read."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from starlette.datastructures import Headers

from services.gateway.dependencies import PartsDep
from services.gateway.domain.keys import ApiKey
from services.gateway.domain.roles import Role
from services.gateway.domain.sessions import COOKIE
from services.gateway.errors import MissingKeyError
from services.gateway.routes.admission import bearer, session_cookie
from services.gateway.schemas import SessionView

router = APIRouter(prefix="/api/session")

_FORWARDED_SCHEME = "x-forwarded-proto"


@router.post("", status_code=201)
async def sign_in(request: Request, response: Response, parts: PartsDep) -> SessionView:
    """Begin a session of the API key that the request brings."""
    secret = bearer(request.headers)
    if secret is None:
        raise MissingKeyError
    key = await parts.ring.owner(secret)
    cookie, session = await parts.sessions.begin(key)
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=int((session.expires_at - datetime.now(UTC)).total_seconds()),
        httponly=True,
        samesite="strict",
        secure=_is_encrypted(request.headers, request.url.scheme),
    )
    return _view(key)


@router.get("")
async def show_session(request: Request, parts: PartsDep) -> SessionView:
    """Who is signed in."""
    cookie, secret = session_cookie(request.headers), bearer(request.headers)
    key = await (parts.sessions.owner(cookie or "") if secret is None else parts.ring.owner(secret))
    return _view(key)


@router.delete("", status_code=204)
async def sign_out(request: Request, response: Response, parts: PartsDep) -> None:
    """End the session; the cookie opens nothing any more."""
    cookie = session_cookie(request.headers)
    if cookie is not None:
        await parts.sessions.end(cookie)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def _view(key: ApiKey) -> SessionView:
    return SessionView(principal=key.principal, name=key.name, role=key.role, operator=key.role is Role.OPERATOR)


def _is_encrypted(headers: Headers, scheme: str) -> bool:
    """Over plain HTTP, as on one's own machine, a cookie that asks for encryption would not come back."""
    return headers.get(_FORWARDED_SCHEME, scheme) == "https"
