"""Email, by whatever backend EMAIL_URL names."""

from feedback.channels.email.backend import Email

__all__ = ["Email"]
