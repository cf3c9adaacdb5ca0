"""The shared ground's rows: staff, people, cases, links, messages and the switches of operation."""

from feedback.models.cases import Case, CaseEvent, Resolution
from feedback.models.links import Link, MissWindow
from feedback.models.messages import DeliveryEvent, Message
from feedback.models.operation import CaseImport, Heartbeat, IdempotencyKey, Pause
from feedback.models.people import Contact, Customer, Department, DepartmentAlias, Membership, Suppression
from feedback.models.staff import RoleGrant, StaffIdentity, User

__all__ = [
    "Case",
    "CaseEvent",
    "CaseImport",
    "Contact",
    "Customer",
    "DeliveryEvent",
    "Department",
    "DepartmentAlias",
    "Heartbeat",
    "IdempotencyKey",
    "Link",
    "Membership",
    "Message",
    "MissWindow",
    "Pause",
    "Resolution",
    "RoleGrant",
    "StaffIdentity",
    "Suppression",
    "User",
]
