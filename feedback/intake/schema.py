"""How the API's description (OpenAPI) shows cases: what comes in by the table of fields, and what goes out."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from feedback.api_errors import Problem, error
from feedback.intake.fields import CASE_FIELDS, CUSTOMER_FIELDS, Field
from feedback.models.cases import CaseStatus
from feedback.reasons import SkipReason

MOST = 1_000
BULK_STATUSES = [(200, "the same or changed"), (201, "new"), (400, "refused")]


def _field(field: Field) -> serializers.Field[Any, Any, Any, Any]:
    common: dict[str, Any] = {"required": field.required, "help_text": field.help}
    empty = common if field.required else common | {"allow_null": True}
    match field.kind:
        case "customer":
            return CustomerIn(**empty)
        case "choice":
            return serializers.ChoiceField(choices=field.choices, **common)
        case "integer":
            return serializers.IntegerField(min_value=-(2**63), max_value=2**63 - 1, **empty)
        case "time":
            return serializers.DateTimeField(**empty)
        case "email":
            return serializers.EmailField(max_length=field.limit, allow_blank=True, **empty)
    return serializers.CharField(max_length=field.limit, allow_blank=not field.required, **empty)


def _serializer(name: str, fields: Mapping[str, Field], doc: str) -> type[serializers.Serializer[Any]]:
    made = {field: _field(declared) for field, declared in fields.items()}
    return type(name, (serializers.Serializer,), {"__doc__": doc, "__module__": __name__, **made})


CustomerIn = _serializer("CustomerIn", CUSTOMER_FIELDS, "A customer as a source names them.")
CaseIn = _serializer(
    "CaseIn", CASE_FIELDS, "One thing a source says of one case. What is left out is unchanged."
)


class CasesIn(serializers.Serializer[Any]):
    """A batch of cases. A bare JSON list of cases is accepted too."""

    cases = serializers.ListField(child=CaseIn(), max_length=MOST)


class CustomerOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField()
    time_zone = serializers.CharField()


class InvitationBlock(serializers.Serializer[Any]):
    """Whether the customer is asked, and if not, why."""

    state = serializers.ChoiceField(choices=["asked", "skipped"])
    reason = serializers.ChoiceField(choices=SkipReason.choices, allow_null=True)
    send_at = serializers.DateTimeField(allow_null=True)


class SnapshotOut(serializers.Serializer[Any]):
    department = serializers.CharField(
        allow_null=True, help_text="Slug; null while the source's name is not linked."
    )
    department_slug = serializers.CharField(help_text="The department as the source names it.")
    served_by = serializers.CharField(allow_null=True, help_text="The source's own id of the person.")
    product = serializers.CharField()
    order_ref = serializers.CharField()
    channel = serializers.CharField()
    subject = serializers.CharField()
    resolution_text = serializers.CharField()


class ResolutionOfCase(SnapshotOut):
    id = serializers.IntegerField()
    resolved_at = serializers.DateTimeField()
    reopened_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    invitation = InvitationBlock(allow_null=True)


class CaseRef(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # a name that serializers use too
    external_id = serializers.CharField()


class ResolutionOut(ResolutionOfCase):
    case = CaseRef()
    customer = CustomerOut()


class CaseOut(SnapshotOut):
    id = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]
    external_id = serializers.CharField()
    status = serializers.ChoiceField(choices=CaseStatus.choices)
    customer = CustomerOut()
    opened_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    resolution = ResolutionOfCase(allow_null=True, help_text="The last one.")
    invitation = InvitationBlock(allow_null=True, help_text="Of the last resolution; the same as in it.")


class CaseTakenIn(CaseOut):
    dry_run = serializers.BooleanField(required=False, help_text="Present and true where nothing was kept.")


class BulkResult(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    status = serializers.ChoiceField(choices=BULK_STATUSES)
    case = CaseOut(required=False)
    errors = Problem(many=True, required=False)  # type: ignore[assignment]


class BulkOut(serializers.Serializer[Any]):
    results = BulkResult(many=True)
    dry_run = serializers.BooleanField(required=False)


DRY_RUN = OpenApiParameter(
    "dry_run", bool, description="Do everything, answer as if it had happened, keep and send nothing."
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    description="1 to 255 printable characters of your choice. Repeating the request with the same key repeats the"
    " answer (header Idempotent-Replayed: true). Kept for two days.",
)


INTAKE_ERRORS = {
    400: error("Something is wrong with the body.", "invalid", "Not an email address.", "customer.email"),
    409: error(
        "The first request with this key is still being worked on.", "in_flight", "Try again in a moment."
    ),
    413: error("The body is too large.", "too_large", "The body is larger than 2500000 bytes."),
    422: error("The key was used for another request.", "other_body", "A new request needs a new key."),
    503: error(
        "The database does not answer.", "unavailable", "Nothing was kept: send the same again in a moment."
    ),
}
CASE_EXAMPLE = OpenApiExample(
    "A repair is done",
    request_only=True,
    value={
        "source": "repairs",
        "external_id": "R-1042",
        "status": "resolved",
        "occurred_at": "2026-05-01T09:30:00+08:00",
        "department": "workshop",
        "served_by": "wang",
        "product": "Kettle K2",
        "order_ref": "2026-0017",
        "subject": "Kettle leaks",
        "resolution": "Seal replaced.",
        "customer": {
            "external_id": "C-77",
            "name": "Li Na",
            "language": "zh-CN",
            "email": "li.na@example.com",
            "phone": "+8613800138000",
        },
    },
)
