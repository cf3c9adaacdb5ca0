"""The web's entry point, for any WSGI server."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from feedback.chunked import announced

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "feedback.settings")

application = announced(get_wsgi_application(), settings.MAX_BODY)

# What is loaded by now stays for good: the collector need not look through it again and again.
gc.collect()
gc.freeze()
