"""Fixtures every test may use. A session starts at most one platform, and with it the one model engine."""

import os
import signal
from collections.abc import Generator

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.engine import EngineEndpoint, named_engine
from tests.live_shop import connectors_environment
from tests.otlp_collector import Collector
from tests.otlp_collector import collector as running_collector
from tests.outside_desk import outside_desk
from tests.platforms import Platform, running_platform
from tests.processes import logs
from tests.spread import ON_PLATFORM, Spread

# A shell has its background commands ignore Ctrl-C, and so would every process that a test starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run: a change is red for what it did. HYPOTHESIS_PROFILE=explore looks for new ones.
# No example has a time limit: how fast a machine is with everything else that runs on it tells nothing.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", derandomize=False, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the platform comes first, for it takes longest."""
    misplaced = [item.nodeid for item in items if _needs_platform(item) and not item.nodeid.startswith(ON_PLATFORM)]
    if misplaced:
        raise pytest.UsageError(f"tests that use the platform belong into {', '.join(ON_PLATFORM)}: {misplaced}")
    items.sort(key=lambda item: not _needs_platform(item))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes do not name a test: packed ones hold the time of packing, and each process would name it otherwise."""
    return argname if isinstance(val, bytes) else None


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Spread the tests over processes, as `Spread` says."""
    return Spread(config, log)


def _needs_platform(item: pytest.Item) -> bool:
    return not {"platform", "engine"}.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session", autouse=True)
def process_logs(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The output of the processes that tests start is in pytest's temporary folder."""
    logs.folder = tmp_path_factory.mktemp("processes")


@pytest.fixture(scope="session")
def collector() -> Generator[Collector]:
    """The traces the platform exports."""
    with running_collector() as running:
        yield running


@pytest.fixture(scope="session")
def platform(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Generator[Platform]:
    """The whole platform, started as a user starts it, on ports and with a home of its own, with connectors."""
    with outside_desk() as desk:
        connectors = connectors_environment(tmp_path_factory.mktemp("connectors"), desk)
        sources = {"RAGWORKS_SOURCES_FOLDERS": str(tmp_path_factory.getbasetemp())}
        with running_platform({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **connectors, **sources}) as running:
            yield running


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> EngineEndpoint:
    """The real model engine: a named one, else the platform's."""
    named = named_engine()
    if named is not None:
        return named
    platform: Platform = request.getfixturevalue("platform")
    return platform.engine
