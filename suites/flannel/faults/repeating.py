"""Work that is done again and again beside a test, by a fault or a mend."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from contextvars import copy_context
from threading import Event

from labs.errors import LabError
from labs.fault import Lapsed

END_LIMIT = 30.0


@contextmanager
def repeated(work: Callable[[], object], every: float) -> Iterator[None]:
    """Do it every so many seconds in a thread, to the end of the block and no longer; what the lab refuses is tried again.

    Anything else stops it, which is told at the end of the block.
    """
    ending = Event()

    def loop() -> None:
        while not ending.wait(every):
            with suppress(LabError):
                work()

    pool = ThreadPoolExecutor(1, "repeated")
    working = pool.submit(copy_context().run, loop)
    try:
        yield
    finally:
        ending.set()
        pool.shutdown(wait=False)
        if wait([working], END_LIMIT).not_done:
            raise LabError(f"repeated work goes on {END_LIMIT:.0f} s after its end")
        if error := working.exception():
            raise Lapsed(f"repeated work stopped: {error!r}") from error
