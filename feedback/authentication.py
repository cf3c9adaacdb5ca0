"""Who calls the API: ``Authorization: Bearer <token>``. A token belongs to a user and carries no more than they may."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from feedback import clock


class BearerAuthentication(TokenAuthentication):  # type: ignore[misc]  # knox has no types
    """Knox's tokens: kept as digests, expiring, of active users only."""

    def authenticate_credentials(self, token: bytes) -> Any:
        # Knox decodes and looks up whatever came; bytes that no token can hold would end in an error of ours.
        if not token.isalnum():
            raise AuthenticationFailed(_("Invalid token."))
        return super().authenticate_credentials(token)

    def _cleanup_token(self, auth_token: Any) -> bool:
        """Say whether a token is over. Knox would look through all tokens of the user each time; a sweep does that."""
        return bool(auth_token.expiry and auth_token.expiry <= clock.now())


def forget_expired() -> int:
    """Remove tokens that are over; return how many."""
    return int(AuthToken.objects.filter(expiry__lte=clock.now()).delete()[0])


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description names it."""

    target_class = BearerAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
