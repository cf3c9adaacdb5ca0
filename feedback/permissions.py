"""What a role may call. Which rows they then see is ``feedback.access``'s to say."""

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from feedback import access
from feedback.models.staff import Role


class IsManager(BasePermission):
    message = _("Only managers may do this.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return access.is_manager(request.user)


class MayTakeIn(BasePermission):
    """Managers, and the accounts of other systems."""

    message = _("Only managers and integrations may send cases.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(access.roles(request.user) & {Role.MANAGER, Role.INTEGRATION})


class WorksAtTheDesk(BasePermission):
    """Everybody with a role that reads or a place in a department; not the accounts of other systems."""

    message = _("This needs a role or a place in a department.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return access.works_at_the_desk(request.user)
