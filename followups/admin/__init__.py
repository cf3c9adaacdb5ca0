"""Answering back at the desk."""

from followups.admin import followups, setup, today

__all__ = ["followups", "setup", "today"]
