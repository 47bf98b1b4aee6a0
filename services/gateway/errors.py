"""The gateway's own failures, each with the advice its message owes the caller.

PlatformError
├── AuthenticationError
│   ├── MissingKeyError       401  missing_api_key
│   ├── WrongKeyError         401  invalid_api_key
│   ├── SessionOverError      401  session_over
│   └── ForeignPageError      401  foreign_page
├── PermissionDeniedError
│   ├── OperatorOnlyError     403  operator_only
│   └── ReaderKeyError        403  reader_key
├── InvalidRequestError
│   └── WrongHostError        400  wrong_host
├── NotFoundError
│   └── KeyNotFoundError      404  key_not_found
└── ConflictError
    └── BootstrapKeyError     409  bootstrap_key
"""

from services.shared.kit.errors import (
    AuthenticationError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
)

_WHERE = "the operator's key is in secrets/api.key under RAGWORKS_HOME"


class MissingKeyError(AuthenticationError):
    default_code = "missing_api_key"

    def __init__(self) -> None:
        super().__init__(f"No API key: send the header 'Authorization: Bearer rw-...'; {_WHERE}.")


class WrongKeyError(AuthenticationError):
    """Malformed, unknown and revoked look the same from outside."""

    def __init__(self) -> None:
        super().__init__(f"The API key is not valid: it is unknown or was revoked; {_WHERE}.")


class SessionOverError(AuthenticationError):
    """Ended, expired, of a revoked key, and never begun look the same from outside."""

    default_code = "session_over"

    def __init__(self) -> None:
        super().__init__("You are not signed in any more: sign in again with your API key.")


class ForeignPageError(AuthenticationError):
    """The defence against other pages in the browser that holds the cookie (CSRF)."""

    default_code = "foreign_page"

    def __init__(self) -> None:
        super().__init__(
            "The session's cookie counts only for the platform's own pages; "
            "a program sends its API key: 'Authorization: Bearer rw-...'."
        )


class OperatorOnlyError(PermissionDeniedError):
    default_code = "operator_only"

    def __init__(self) -> None:
        super().__init__(f"This is for the operator's key alone; {_WHERE}.")


class ReaderKeyError(PermissionDeniedError):
    default_code = "reader_key"

    def __init__(self) -> None:
        super().__init__(
            "This API key is a reader's: it can ask, search and read what is cited, and changes nothing. "
            "Ask the operator for an editor's key."
        )


class WrongHostError(InvalidRequestError):
    """The defence against DNS rebinding: a foreign page's name that resolves to this machine."""

    default_code = "wrong_host"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"This gateway does not answer to the host name {host!r}; "
            "an operator adds names with RAGWORKS_GATEWAY_ALLOWED_HOSTS."
        )


class KeyNotFoundError(NotFoundError):
    default_code = "key_not_found"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"No API key in use has the id {key_id!r}; GET /api/keys lists them.", param="id")


class BootstrapKeyError(ConflictError):
    default_code = "bootstrap_key"

    def __init__(self) -> None:
        super().__init__(
            "The operator's key cannot be revoked here: delete secrets/api.key under RAGWORKS_HOME and "
            "restart the gateway; it makes a new key and refuses the old one."
        )
