"""How the tests are spread over processes (pytest-xdist)."""

from xdist.scheduler import LoadScopeScheduling

ON_PLATFORM = ("tests/e2e/", "tests/integration/gateway/", "tests/integration/inference/")
"""Folders whose tests share the one platform of the session, and with it the model engine."""


class Spread(LoadScopeScheduling):
    """All tests on the platform go to one process, of the others a file at a time to whichever is free.

    xdist's own groups do nothing under pytest 9.2, which no longer lets a plugin change the ids of tests.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "the platform" if nodeid.startswith(ON_PLATFORM) else nodeid.split("::", 1)[0]
