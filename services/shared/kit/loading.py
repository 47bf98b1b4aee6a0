"""How a process loads its modules: a start, and with it the time until a killed process works again, is mostly that."""

import gc
from collections.abc import Generator
from contextlib import contextmanager

from pydantic import BaseModel


@contextmanager
def loading() -> Generator[None]:
    """Import in this block: what a start does not need rests meanwhile.

    The garbage collector, which would find nothing and take a quarter of the time; what was loaded is left out of later
    collections. And the completion of Pydantic models whose fields name later ones: the vector store's client asks for
    that of its 343 models, half of the time its import takes, and each completes itself when it is first used.
    """
    gc.disable()
    rebuild = BaseModel.__dict__["model_rebuild"]
    setattr(BaseModel, "model_rebuild", _completed_when_used(rebuild))  # noqa: B010
    try:
        yield
    finally:
        setattr(BaseModel, "model_rebuild", rebuild)  # noqa: B010
        gc.freeze()
        gc.enable()


def _completed_when_used(rebuild: "classmethod[BaseModel, ..., bool | None]") -> object:
    def model_rebuild(cls: type[BaseModel], **how: object) -> bool | None:
        if not how:  # a module that is being loaded asks; Pydantic itself, when a model is used, says how
            return None
        return rebuild.__get__(None, cls)(**how)

    return classmethod(model_rebuild)
