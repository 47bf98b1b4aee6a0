"""Which URLs a source may name, as far as the URL alone tells."""

from urllib.parse import urlsplit

from services.shared.components.sources.protocol import SourceError

_REPOSITORIES = frozenset({"https", "http", "ssh", "git"})
_OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oci", "oss", "memory"})
"""Object stores. Left out is what would get round the rules of other kinds: files of this machine, other hosts."""


def require_repository(url: str) -> None:
    """Return when Git may be given the URL.

    Raises:
        SourceError: it names another transport, no host, or a secret, which would be shown.
    """
    parts = urlsplit(url)
    if parts.scheme not in _REPOSITORIES or not parts.hostname or parts.hostname.startswith("-"):
        raise SourceError(
            "git_url_not_allowed",
            f"'{url}' is no address of a repository: use https://, ssh:// or git://, or an absolute path.",
        )
    if parts.password:
        raise SourceError(
            "secret_in_url",
            "The URL holds a password, which would be shown with the source; leave it to Git's credential helper or an "
            "SSH key of the user that the ingest worker runs as.",
        )


def require_object_store(url: str) -> None:
    """Return when the URL names an object store.

    Raises:
        SourceError: it does not.
    """
    scheme = urlsplit(url).scheme
    if scheme not in _OBJECT_STORES or "::" in url:
        raise SourceError(
            "bucket_url_not_allowed", f"'{url}' names no object store; use one of {', '.join(sorted(_OBJECT_STORES))}."
        )
