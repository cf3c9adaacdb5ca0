"""The joint that surveys offers to those above it."""

from django.dispatch import Signal

response_recorded = Signal()
"""Answers were recorded. Carries ``response_ids: list[int]``, and ``negative_ids``: those of them to which something
negative was said just now."""
