"""Modules are loaded without the garbage collector and without completing models, both of which work afterwards."""

import gc

import pytest
from pydantic import BaseModel

from services.shared.kit.loading import loading


def test_the_collector_rests_meanwhile_and_works_afterwards() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_works_again_after_an_import_that_failed() -> None:
    with pytest.raises(ModuleNotFoundError), loading():
        import services.nothing  # type: ignore[import-not-found]  # noqa: F401
    assert gc.isenabled()


def test_models_complete_themselves_when_they_are_used() -> None:
    with loading():

        class Outer(BaseModel):
            inner: "Inner"

        class Inner(BaseModel):
            number: int

        Outer.model_rebuild()
        assert not Outer.__pydantic_complete__
    Outer.model_rebuild()
    assert Outer(inner=Inner(number=1)).model_dump() == {"inner": {"number": 1}}
