"""Work that is done again and again beside a test, by a fault or a mend."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from labs.errors import LabError

END_LIMIT = 30.0


@contextmanager
def repeated(work: Callable[[], object], every: float) -> Iterator[None]:
    """Do it every so many seconds in a thread, to the end of the block and no longer; what the lab refuses is tried again."""
    ending = Event()

    def loop() -> None:
        while not ending.wait(every):
            with suppress(LabError):
                work()

    thread = Thread(target=loop, name="repeated", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join(END_LIMIT)
        if thread.is_alive():
            raise LabError(f"repeated work goes on {END_LIMIT:.0f} s after its end")
