"""The simulator's process: a help desk, customers and owners, all of them through the front doors.

`python -m feedback.demo.simulator`, started by `manage.py demo`, whose settings it inherits. It goes on for as long
as the demo runs, so that what the visitor does at the desk is answered, too.
"""

import logging
import signal
import sys
from threading import Event, Thread
from types import FrameType

import django

STEPS = ("asked", "answered", "told", "confirmed")


def main() -> None:
    """Run the three until TERM or INT."""
    django.setup()
    from feedback import loop
    from feedback.demo import customers, feeder, owners, setup
    from feedback.demo.progress import Progress

    logging.getLogger("httpx").setLevel(logging.WARNING)
    stopped = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor tells us
    feeder.wait_for_web(stopped)
    everybody = customers.Customers()
    with Progress(sys.stdout) as progress:
        threads = [
            Thread(target=feeder.run, args=(setup.token(), stopped, progress.fed), daemon=True),
            Thread(target=customers.run, args=(everybody, stopped), daemon=True),
            Thread(target=owners.run, args=(stopped,), daemon=True),
        ]
        for thread in threads:
            thread.start()
        while not stopped.wait(1):
            counts = {count.key: count.value for count in loop.counts()}
            progress.says(", ".join(f"{counts.get(key, 0)} {key}" for key in STEPS))
    sys.exit(0)


if __name__ == "__main__":
    main()
