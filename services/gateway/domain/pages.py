"""The addresses of the web pages: what a browser may load before anybody has signed in."""

ASSETS = "/assets/"
_ROOTS = frozenset({"/", "/chat", "/console", "/sign-in"})
_BELOW = ("/chat/", "/console/")


def is_page(method: str, path: str) -> bool:
    """Whether the path shows a page of ours, or a part of one; what they show, the API tells to who may know."""
    return method in {"GET", "HEAD"} and (path in _ROOTS or path.startswith((*_BELOW, ASSETS)))
