"""The shell of the project and the ground that the other packages stand on."""

from feedback.celery import app as celery_app

__all__ = ["celery_app"]
