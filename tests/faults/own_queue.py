"""The product's Celery with a queue of the test's own: on the same Redis other tests' nudges go their way.

Also an SMS channel that leaves a line in a file for each message it was given, which outlives a worker that is killed.
"""

import os
from collections.abc import Sequence

from feedback.celery import app
from feedback.channels.base import Channel, Outcomes, Outgoing, accepted

app.conf.task_default_queue = os.environ.get("OWN_QUEUE", app.conf.task_default_queue)


class FiledSMS(Channel):
    """Takes every message, and writes its id to the file ``FILED_SMS`` in one piece."""

    name = "filed-sms"

    def send(self, messages: Sequence[Outgoing]) -> Outcomes:
        file = os.open(os.environ["FILED_SMS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            for one in messages:
                os.write(file, f"{one.id}\n".encode())
                yield one, accepted(one.reference)
        finally:
            os.close(file)
