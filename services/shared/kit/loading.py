"""How a process loads its modules: a start, and with it the time until a killed process works again, is mostly that."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def loading() -> Generator[None]:
    """Import in this block: the garbage collector rests, which would find nothing and take a quarter of the time.

    What was loaded is then left out of later collections.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
