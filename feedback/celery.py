"""The Celery application. It carries nudges, never truth: every task can be lost, and a sweep makes up for it."""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "feedback.settings")

app = Celery("answerback")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def look_often(sender: Celery, **kwargs: Any) -> None:
    """Make kombu's SQL transport, where it is the broker, look for messages five times a second and not once.

    It must be the class attribute: given as a transport option it reaches create_engine, which refuses it.
    """
    if str(sender.conf.broker_url).startswith("sqla+"):
        from kombu.transport.sqlalchemy import Transport

        Transport.polling_interval = 0.2
