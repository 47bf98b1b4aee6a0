"""Modules are loaded without the garbage collector, which works again afterwards."""

import gc

import pytest

from services.shared.kit.loading import loading


def test_the_collector_rests_meanwhile_and_works_afterwards() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_works_again_after_an_import_that_failed() -> None:
    with pytest.raises(ModuleNotFoundError), loading():
        import services.nothing  # type: ignore[import-not-found]  # noqa: F401
    assert gc.isenabled()
