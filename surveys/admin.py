"""Asking, at the desk: surveys, what is never asked about, who was asked or not and why, and what they said."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from feedback.desk import navigation
from feedback.desk.badges import badge
from feedback.desk.people import is_manager
from feedback.desk.policy import ManagersAdmin, PolicyAdmin, ReadInline, SetUpAdmin
from feedback.texts import in_language
from surveys.models import Answer, Exclusion, Invitation, Question, Response, Survey, SurveyVersion


class VersionInline(ReadInline):
    model = SurveyVersion
    fields = ["number", "published_at"]
    readonly_fields = fields
    ordering = ["-number"]
    show_change_link = True


@admin.register(Survey)
class SurveyAdmin(ManagersAdmin):
    list_display = [
        "slug",
        "priority",
        "department",
        "source",
        "product",
        "channel",
        "sample_percent",
        "retired_at",
    ]
    list_select_related = ["department"]
    fields = [
        "slug",
        "priority",
        "department",
        "source",
        "product",
        "channel",
        "sample_percent",
        "retired_at",
    ]
    inlines = [VersionInline]


class QuestionInline(ReadInline):
    model = Question
    by_policy = False
    fields = ["position", "kind", "words", "scale", "choices_in_words"]
    readonly_fields = fields
    ordering = ["position"]

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        return super().get_queryset(request).prefetch_related("choices")

    @display(description=_("question"))
    def words(self, question: Question) -> str:
        return in_language(question.text)

    @display(description=_("scale"))
    def scale(self, question: Question) -> str:
        if question.lowest is None:
            return ""
        says = f"{question.lowest}–{question.highest}"
        if question.negative_up_to is None:
            return says
        return f"{says}, " + gettext("negative up to %(score)d") % {"score": question.negative_up_to}

    @display(description=_("choices"))
    def choices_in_words(self, question: Question) -> str:
        return ", ".join(in_language(choice.text) for choice in question.choices.all())


@admin.register(SurveyVersion)
class SurveyVersionAdmin(ManagersAdmin):
    """A published version never changes; a trigger holds that too."""

    list_display = ["__str__", "title_here", "published_at"]
    list_select_related = ["survey"]
    ordering = ["survey", "-number"]
    fields = ["survey", "number", "title_here", "thanks_here", "published_at"]
    readonly_fields = ["title_here", "thanks_here"]
    inlines = [QuestionInline]

    @display(description=_("title"))
    def title_here(self, version: SurveyVersion) -> str:
        return in_language(version.title)

    @display(description=_("words of thanks"))
    def thanks_here(self, version: SurveyVersion) -> str:
        return in_language(version.thanks)


@admin.register(Exclusion)
class ExclusionAdmin(SetUpAdmin):
    list_display = ["field", "value", "why"]
    search_fields = ["value", "why"]
    fields = ["field", "value", "why"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_manager(request)


@admin.register(Invitation)
class InvitationAdmin(PolicyAdmin):
    """Every decision, with its reason where nobody was asked (R4). The personal link is shown nowhere."""

    list_display = ["customer", "case", "stands", "why", "send_at", "created_at"]
    list_filter = ["state", "reason"]
    sortable_by = ()
    list_select_related = ["customer", "resolution__case"]
    search_fields = ["customer__name", "resolution__case__external_id"]
    ordering = ["-created_at", "-pk"]
    fields = ["customer", "case", "stands", "why", "version", "send_at", "created_at"]
    readonly_fields = ["customer", "case", "stands", "why", "version"]

    @display(description=_("case"))
    def case(self, invitation: Invitation) -> str:
        return str(invitation.resolution.case)

    @display(description=_("state"), ordering="state")
    def stands(self, invitation: Invitation) -> str:
        asked = invitation.state == Invitation.State.ASKED
        return badge(invitation.get_state_display(), "green" if asked else "amber")

    @display(description=_("why"), ordering="reason")
    def why(self, invitation: Invitation) -> str:
        return str(invitation.get_reason_display())


class AnswerInline(ReadInline):
    model = Answer
    fields = ["words_of_question", "says", "negative", "answered_at", "superseded_at"]
    readonly_fields = fields
    ordering = ["question__position", "answered_at"]

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        return super().get_queryset(request).select_related("question").prefetch_related("question__choices")

    @display(description=_("question"))
    def words_of_question(self, answer: Answer) -> str:
        return in_language(answer.question.text)

    @display(description=_("answer"))
    def says(self, answer: Answer) -> str:
        if answer.score is not None:
            return str(answer.score)
        names = {choice.key: in_language(choice.text) for choice in answer.question.choices.all()}
        return ", ".join(names.get(key, key) for key in answer.chosen) or answer.words


@admin.register(Response)
class ResponseAdmin(PolicyAdmin):
    list_display = ["customer", "case", "unhappy", "language", "created_at"]
    sortable_by = ()
    list_select_related = ["customer", "invitation__resolution__case"]
    search_fields = ["customer__name", "invitation__resolution__case__external_id"]
    ordering = ["-created_at", "-pk"]
    fields = ["customer", "case", "language", "created_at", "changed_at"]
    readonly_fields = ["customer", "case"]
    inlines = [AnswerInline]

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        current = Answer.objects.filter(response=models.OuterRef("pk"), superseded_at=None).exclude(
            negative=""
        )
        rows = super().get_queryset(request)
        # As Exists, all answers ever given would be read beforehand.
        judged: models.QuerySet[Any] = rows.annotate(negative=models.Subquery(current.values("pk")[:1]))
        return judged

    @display(description=_("case"))
    def case(self, response: Response) -> str:
        return str(response.invitation.resolution.case)

    @display(description=_("negative"))
    def unhappy(self, response: Response) -> str:
        if getattr(response, "negative", False):
            return badge(gettext("negative"), "red")
        return badge(gettext("content"), "green")


for _page in (
    navigation.Page(navigation.HEARD, 10, _("Responses"), "reviews", "admin:surveys_response_changelist"),
    navigation.Page(
        navigation.HEARD, 20, _("Who was asked"), "mark_email_unread", "admin:surveys_invitation_changelist"
    ),
    navigation.Page(
        navigation.SETUP, 70, _("Surveys"), "quiz", "admin:surveys_survey_changelist", managers=True
    ),
    navigation.Page(
        navigation.SETUP,
        80,
        _("Never asked about"),
        "do_not_disturb_on",
        "admin:surveys_exclusion_changelist",
        managers=True,
    ),
):
    navigation.put(_page)
