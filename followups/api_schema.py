"""How the API's description (OpenAPI) shows follow-ups."""

from typing import Any

from rest_framework import serializers

from feedback.intake.schema import CaseRef
from followups.models import Promise, Verdict
from followups.models.journal import Actor
from followups.states import Event, PointStatus, PromiseState, Severity, Status, WithdrawnReason
from surveys.models import NegativeRule, QuestionKind


class Person(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()


class CustomerRef(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    language = serializers.CharField()


class FollowUpBase(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Status.choices)
    severity = serializers.ChoiceField(choices=Severity.choices)
    department = serializers.CharField()
    assignee = Person(allow_null=True)
    customer = CustomerRef()
    response = serializers.IntegerField()
    opened_at = serializers.DateTimeField()
    next_due_at = serializers.DateTimeField(allow_null=True)
    told_at = serializers.DateTimeField(allow_null=True)
    withdrawn_reason = serializers.ChoiceField(choices=WithdrawnReason.choices, allow_null=True)
    merged_into = serializers.IntegerField(allow_null=True)


class FollowUpOut(FollowUpBase):
    case = CaseRef()
    open_points = serializers.IntegerField()


class CaseOfFollowUp(CaseRef):
    subject = serializers.CharField()
    product = serializers.CharField()
    order_ref = serializers.CharField()
    resolved_at = serializers.DateTimeField()
    resolution_text = serializers.CharField()
    served_by = serializers.CharField(allow_null=True)


class PointOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    about_person = serializers.BooleanField()
    status = serializers.ChoiceField(choices=PointStatus.choices)
    opened_at = serializers.DateTimeField()
    split_from = serializers.IntegerField(allow_null=True)


class AnswerOut(serializers.Serializer[Any]):
    question = serializers.ChoiceField(choices=QuestionKind.choices)
    score = serializers.IntegerField(allow_null=True)
    chosen = serializers.ListField(child=serializers.CharField())
    words = serializers.CharField()
    negative = serializers.ChoiceField(choices=NegativeRule.choices, allow_null=True)
    hazard = serializers.BooleanField()
    answered_at = serializers.DateTimeField()
    superseded_at = serializers.DateTimeField(
        allow_null=True, help_text="When a later answer took its place."
    )


class ThreadOut(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Event.choices)
    at = serializers.DateTimeField()
    by = serializers.ChoiceField(choices=Actor.choices)
    words = serializers.CharField()


class PartOut(serializers.Serializer[Any]):
    point = serializers.IntegerField()
    found = serializers.CharField()
    did = serializers.CharField()
    changes = serializers.CharField()
    verdict = serializers.ChoiceField(choices=Verdict.Word.choices, allow_null=True)


class ReplyOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    author = Person()
    posted_at = serializers.DateTimeField()
    parts = PartOut(many=True)


class PromiseOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Promise.Kind.choices)
    point = serializers.IntegerField(allow_null=True)
    words = serializers.CharField()
    assignee = Person(allow_null=True)
    made_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=PromiseState.choices)
    settled_at = serializers.DateTimeField(allow_null=True)


class SisterOut(serializers.Serializer[Any]):
    department = serializers.CharField()
    status = serializers.ChoiceField(choices=Status.choices)
    points = serializers.ListField(child=serializers.CharField(), help_text="Titles.")


class FollowUpDetail(FollowUpBase):
    case = CaseOfFollowUp()
    points = PointOut(many=True)
    answers = AnswerOut(many=True)
    thread = ThreadOut(many=True)
    replies = ReplyOut(many=True)
    promises = PromiseOut(many=True)
    sisters = SisterOut(many=True)


class JournalOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Event.choices)
    at = serializers.DateTimeField()
    by = serializers.ChoiceField(choices=Actor.choices)
    staff = serializers.CharField(allow_null=True)
    point = serializers.IntegerField(allow_null=True)
    words = serializers.CharField(allow_null=True)
    from_status = serializers.ChoiceField(choices=Status.choices, allow_null=True)
    to_status = serializers.ChoiceField(choices=Status.choices, allow_null=True)
    data = serializers.DictField(  # type: ignore[assignment]  # a name that serializers use too
        help_text="Further facts of this kind of event."
    )
