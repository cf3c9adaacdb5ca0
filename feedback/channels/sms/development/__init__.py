"""SMS for developing and trying out: nothing leaves the machine."""

from feedback.channels.sms.development.backend import DevelopmentSMS

__all__ = ["DevelopmentSMS"]
