"""The shared ground at the desk."""

from feedback.admin import operation, people, service, staff

__all__ = ["operation", "people", "service", "staff"]
