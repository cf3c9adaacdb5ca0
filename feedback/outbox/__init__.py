"""Outgoing messages: stored first, then claimed, sent and settled (R29–R32). Nobody else calls a channel.

::

    queued --claim--> claimed --mark, commit--> calling --settle--> accepted | refused | in_doubt
      ^                  |                         |                      |
      +--wait, rescue----+------deferred-----------+---one resend (email)-+
"""

from feedback.outbox.delivery import Report, apply_delivery, settle_doubt
from feedback.outbox.gate import Cancel, Wait, register_check
from feedback.outbox.post import LINK, OPT_OUT, Rendered, cancel, draft, enqueue, enqueue_many, rendered
from feedback.outbox.rescuing import rescue
from feedback.outbox.sending import send_due

__all__ = [
    "LINK",
    "OPT_OUT",
    "Cancel",
    "Rendered",
    "Report",
    "Wait",
    "apply_delivery",
    "cancel",
    "draft",
    "enqueue",
    "enqueue_many",
    "register_check",
    "rendered",
    "rescue",
    "send_due",
    "settle_doubt",
]
