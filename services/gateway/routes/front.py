"""The two pages that need no key: what this is, and which version."""

from importlib.metadata import version

from fastapi import APIRouter

router = APIRouter()

OPEN_PATHS = frozenset({"/", "/version"})


@router.get("/")
async def front() -> dict[str, str]:
    """What a browser or a lost `curl` should know."""
    return {
        "name": "Ragworks",
        "version": _version(),
        "what": "An AI factory for retrieval-augmented generation, with an OpenAI-compatible API.",
        "api": "/v1 for OpenAI clients, /api for the platform's own",
        "key": "send 'Authorization: Bearer rw-...'; the operator's key is in secrets/api.key under RAGWORKS_HOME",
        "health": "/readyz says which parts are ready",
    }


@router.get("/version")
async def show_version() -> dict[str, str]:
    """The platform's version."""
    return {"version": _version()}


def _version() -> str:
    return version("ragworks")
