"""What surveys does when a doorbell rings. The sweep does the same for what a doorbell missed."""

from feedback import signals
from surveys import invitations


def on_case_changed(resolution_ids: list[int]) -> None:
    """Decide about new resolutions, and cancel the unsent surveys of reopened ones."""
    invitations.cancel_reopened(resolution_ids)
    invitations.decide(resolution_ids)


def on_message_changed(message_ids: list[int]) -> None:
    """Bring invitations in line with what became of their message."""
    invitations.follow_messages(message_ids)


def connect() -> None:
    signals.case_changed.connect(
        signals.in_savepoint(on_case_changed), weak=False, dispatch_uid="surveys.case_changed"
    )
    signals.message_changed.connect(
        signals.in_savepoint(on_message_changed), weak=False, dispatch_uid="surveys.message_changed"
    )
