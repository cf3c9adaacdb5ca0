"""The web's entry point, for any WSGI server."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from feedback.chunked import announced

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "feedback.settings")

application = announced(get_wsgi_application(), settings.MAX_BODY)
