"""Settings as a service has them, with a folder of its own."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from services.shared.kit.settings import PlatformSettings

KEY = "7" * 64


class AlphaSettings(PlatformSettings):
    """A service that asks."""

    SERVICE = "alpha"


class BetaSettings(PlatformSettings):
    """A service that is asked."""

    SERVICE = "beta"


@pytest.fixture
def alpha(tmp_path: Path) -> AlphaSettings:
    return AlphaSettings(home=tmp_path, internal_key=SecretStr(KEY), upstream_read_timeout_s=1)


@pytest.fixture
def beta(tmp_path: Path) -> BetaSettings:
    return BetaSettings(home=tmp_path, internal_key=SecretStr(KEY))
