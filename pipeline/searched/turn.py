"""The folder of a collection for one writer after another: the second waits, and says so."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.errors import BusyError, fault
from core.lock import exclusive
from pipeline.said.progress import say

EACH = 0.2
"""Seconds between two looks at who writes."""


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for writing, as soon as nobody else does.

    Whoever has it now may be writing what is wanted here: look again before it is written anew.

    Raises:
        OSError: as ``core.lock.exclusive``.
    """
    with ExitStack() as held:
        waits = False
        while True:
            try:
                held.enter_context(exclusive(folder))
                break
            except BusyError as error:
                if not waits:
                    say(f"{fault(error)}; waits until that ends")
                waits = True
            time.sleep(EACH)
        yield
