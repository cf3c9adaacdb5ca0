"""Signing in at the desk: for whoever works there; Django's ``is_staff`` has no say."""

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

from feedback import access
from feedback.models import User


class DeskLoginForm(AuthenticationForm):  # type: ignore[misc]  # unfold has no types
    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Let in active staff with a role or a place in a department.

        Raises:
            ValidationError: the person has no business here; said only to who knows the password.
        """
        if not (isinstance(user, User) and access.works_at_the_desk(user)):
            raise ValidationError(
                _("This account belongs to no department and has no role. Ask a manager."), code="no_desk"
            )
