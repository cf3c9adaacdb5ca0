"""No broker answers: nobody's request may fail for that, or wait for it."""

import os
import subprocess
import sys

import pytest

NUDGE = """
import django
django.setup()
import kombu.utils.functional
waits = []
kombu.utils.functional.sleep = waits.append
from feedback.outbox import bell
bell.nudge()
print("waits:", len(waits))
"""


@pytest.mark.parametrize("broker", ["redis://127.0.0.1:1/0", "amqp://127.0.0.1:1//"])
def test_a_nudge_to_a_dead_broker_fails_nobody_and_waits_for_nothing(project, broker):
    # In a process of its own: how a broker is connected is decided with the settings. kombu would wait six seconds.
    done = subprocess.run(
        [sys.executable, "-c", NUDGE],
        cwd=project,
        env={**os.environ, "CELERY_BROKER_URL": broker, "DJANGO_SETTINGS_MODULE": "feedback.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "no worker could be nudged" in done.stderr
    assert done.stdout.strip() == "waits: 0"
