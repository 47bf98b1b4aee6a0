"""What needs no key: the web pages, what this is, and which version."""

from importlib.metadata import version

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.gateway.adapters.web_files import WebFile
from services.gateway.dependencies import PartsDep
from services.gateway.domain.pages import ASSETS
from services.shared.kit.asgi import JsonResponse
from services.shared.kit.errors import NotFoundError

router = APIRouter()

OPEN_PATHS = frozenset({"/", "/version"})

_FOREVER = "public, max-age=31536000, immutable"  # the name of an asset changes with its content
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_READING = ["GET", "HEAD"]
_PAGE_HEADERS = {
    "content-security-policy": _PAGE_POLICY,
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@router.api_route("/", methods=_READING, response_model=None)
async def front(request: Request, parts: PartsDep) -> Response:
    """The chat for a browser; for a lost `curl`, what this is."""
    if parts.web.page is not None and "text/html" in request.headers.get("accept", ""):
        return _page(request, parts.web.page)
    built = "open this address in a browser" if parts.web.page else "not built: run 'make prepare', then restart"
    content = {
        "name": "Ragworks",
        "version": _version(),
        "what": "An AI factory for retrieval-augmented generation, with an OpenAI-compatible API.",
        "web": built,
        "api": "/v1 for OpenAI clients, /api for the platform's own",
        "key": "send 'Authorization: Bearer rw-...'; the operator's key is in secrets/api.key under RAGWORKS_HOME",
        "health": "/readyz says which parts are ready",
    }
    return JsonResponse(content, headers={"vary": "accept"})


@router.api_route("/version", methods=_READING)
async def show_version() -> dict[str, str]:
    """The platform's version."""
    return {"version": _version()}


@router.api_route("/sign-in", methods=_READING, response_model=None)
@router.api_route("/chat", methods=_READING, response_model=None)
@router.api_route("/chat/{rest:path}", methods=_READING, response_model=None)
@router.api_route("/console", methods=_READING, response_model=None)
@router.api_route("/console/{rest:path}", methods=_READING, response_model=None)
async def show_page(request: Request, parts: PartsDep) -> Response:
    """The one page; which part of the application it shows, its script reads from the address."""
    if parts.web.page is None:
        raise NotFoundError("The web pages were not built: run 'make prepare', then restart the platform.")
    return _page(request, parts.web.page)


@router.api_route(ASSETS + "{name}", methods=_READING, response_model=None)
async def show_asset(name: str, request: Request, parts: PartsDep) -> Response:
    """A script, a style or a picture of the page."""
    found = parts.web.assets.get(name)
    if found is None:
        raise NotFoundError(f"There is no {ASSETS}{name}; reload the page, it was built anew.")
    return _file(request, found, {"cache-control": _FOREVER})


def _page(request: Request, file: WebFile) -> Response:
    return _file(request, file, {"cache-control": "no-cache", **_PAGE_HEADERS})


def _file(request: Request, file: WebFile, headers: dict[str, str]) -> Response:
    headers = {**headers, "etag": file.etag, "vary": "accept, accept-encoding"}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, media_type=file.media_type, headers={**headers, "content-encoding": "gzip"})
    return Response(file.content, media_type=file.media_type, headers=headers)


def _version() -> str:
    return version("ragworks")
