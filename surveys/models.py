"""What is asked, who was asked, and what they said."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback import clock, texts
from feedback.models import Customer, Department, Link, Message, Resolution
from feedback.reasons import SkipReason


class Survey(models.Model):
    """A survey, and which resolutions it is for. The first match by priority is used; a blank field matches all."""

    slug = models.SlugField(_("slug"), max_length=64, unique=True)
    priority = models.IntegerField(_("priority (lowest first)"), default=100)
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    source = models.CharField(_("source"), max_length=64, blank=True)
    product = models.CharField(_("product"), max_length=255, blank=True)
    channel = models.CharField(_("channel of the case"), max_length=64, blank=True)
    sample_percent = models.PositiveSmallIntegerField(
        _("share of the cases asked about, in percent"), default=100
    )
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["priority", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(sample_percent__lte=100), name="sample_is_a_percentage")
        ]

    def __str__(self) -> str:
        return self.slug


def _locked(name: str, version_published: str) -> pgtrigger.Trigger:
    """A trigger that refuses any change of a row that belongs to a published version."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete | pgtrigger.Insert,
        func=f"""
            IF {version_published} THEN
                RAISE EXCEPTION 'a published survey version never changes: publish a new one'
                    USING ERRCODE = 'check_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )


class SurveyVersion(models.Model):
    """One version of a survey's questions and texts. Once published it never changes."""

    survey = models.ForeignKey(
        Survey, on_delete=models.PROTECT, related_name="versions", verbose_name=_("survey")
    )
    number = models.PositiveIntegerField(_("number"))
    title = models.JSONField(_("title by language"), default=dict)
    thanks = models.JSONField(_("words of thanks by language"), default=dict, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    class Meta:
        verbose_name = _("survey version")
        verbose_name_plural = _("survey versions")
        constraints = [models.UniqueConstraint(fields=["survey", "number"], name="survey_version_once")]
        triggers = [
            pgtrigger.Protect(
                name="published_version_never_changes",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.number}"


class QuestionKind(models.TextChoices):
    OUTCOME = "outcome", _("was it solved?")
    EASE = "ease", _("how easy was it?")
    REASONS = "reasons", _("what went wrong?")
    WORDS = "words", _("in words")
    PERSON = "person", _("how was the person?")


SCALES = (QuestionKind.EASE, QuestionKind.PERSON)


class Question(models.Model):
    """One question of a version. A scale has its ends and the score up to which an answer is negative."""

    version = models.ForeignKey(SurveyVersion, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=8, choices=QuestionKind)
    text = models.JSONField(_("question by language"), default=dict)
    low_label = models.JSONField(_("label of the lowest score"), default=dict, blank=True)
    high_label = models.JSONField(_("label of the highest score"), default=dict, blank=True)
    lowest = models.PositiveSmallIntegerField(_("lowest score"), null=True, blank=True)
    highest = models.PositiveSmallIntegerField(_("highest score"), null=True, blank=True)
    negative_up_to = models.PositiveSmallIntegerField(_("negative up to"), null=True, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="question_position_once"),
            models.CheckConstraint(
                condition=models.Q(position__gte=1, position__lte=5), name="at_most_five_questions"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=SCALES)
                | models.Q(lowest__isnull=False, highest__isnull=False, lowest__lt=models.F("highest")),
                name="a_scale_has_ends",
            ),
        ]
        triggers = [
            _locked(
                "question_of_published_version",
                "(SELECT published_at IS NOT NULL FROM surveys_surveyversion v"
                " WHERE v.id = CASE WHEN TG_OP = 'INSERT' THEN NEW.version_id ELSE OLD.version_id END)",
            )
        ]

    def __str__(self) -> str:
        return texts.in_language(self.text) or self.kind


class Choice(models.Model):
    """One thing that can be chosen: an outcome (yes, partly, no) or a reason for what went wrong."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="choices")
    position = models.PositiveSmallIntegerField(_("position"))
    key = models.SlugField(_("key"), max_length=32)
    text = models.JSONField(_("text by language"), default=dict)
    negative = models.BooleanField(_("negative"), default=False)
    hazard = models.BooleanField(_("a hazard to people"), default=False)
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["question", "key"], name="choice_key_once")]
        triggers = [
            _locked(
                "choice_of_published_version",
                "(SELECT published_at IS NOT NULL FROM surveys_surveyversion v JOIN surveys_question q"
                " ON q.version_id = v.id"
                " WHERE q.id = CASE WHEN TG_OP = 'INSERT' THEN NEW.question_id ELSE OLD.question_id END)",
            )
        ]

    def __str__(self) -> str:
        return texts.in_language(self.text) or self.key


class Exclusion(models.Model):
    """Resolutions that are never asked about, by one field of theirs."""

    class Field(models.TextChoices):
        DEPARTMENT = "department_slug", _("department")
        SOURCE = "source", _("source")
        PRODUCT = "product", _("product")
        CHANNEL = "channel", _("channel of the case")

    field = models.CharField(_("field"), max_length=16, choices=Field)
    value = models.CharField(_("value"), max_length=255)
    why = models.CharField(_("why"), max_length=255)

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        constraints = [models.UniqueConstraint(fields=["field", "value"], name="exclusion_once")]

    def __str__(self) -> str:
        return f"{self.field} = {self.value}"


class Invitation(models.Model):
    """The decision about one resolution: asked, or skipped and why (R4)."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        SKIPPED = "skipped", _("not asked")

    resolution = models.OneToOneField(
        Resolution, on_delete=models.PROTECT, related_name="invitation", verbose_name=_("resolution")
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invitations")
    version = models.ForeignKey(
        SurveyVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations"
    )
    state = models.CharField(_("state"), max_length=8, choices=State)
    reason = models.CharField(_("reason"), max_length=32, choices=SkipReason, blank=True)
    send_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    link = models.OneToOneField(
        Link, on_delete=models.PROTECT, null=True, blank=True, related_name="invitation"
    )
    message = models.OneToOneField(
        Message, on_delete=models.PROTECT, null=True, blank=True, related_name="invitation"
    )
    created_at = models.DateTimeField(_("decided"), default=clock.now)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="asked", reason="")
                | models.Q(models.Q(state="skipped"), ~models.Q(reason="")),
                name="skipped_means_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(state="skipped") | models.Q(version__isnull=False, link__isnull=False),
                name="asked_means_a_survey_and_a_link",
            ),
        ]
        indexes = [
            models.Index(
                fields=["reason", "id"], condition=~models.Q(reason=""), name="invitation_skipped_by_reason"
            ),
            models.Index(fields=["created_at"], name="invitation_by_time"),
            models.Index(fields=["state", "id"], name="invitation_by_state"),
            models.Index(fields=["version", "id"], name="invitation_by_version"),
        ]

    def __str__(self) -> str:
        return f"{self.resolution}: {self.reason or self.state}"


class Response(models.Model):
    """What one customer said about one resolution. Its link opens the customer's page."""

    invitation = models.OneToOneField(Invitation, on_delete=models.PROTECT, related_name="response")
    version = models.ForeignKey(SurveyVersion, on_delete=models.PROTECT, related_name="responses")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="responses")
    link = models.OneToOneField(Link, on_delete=models.PROTECT, related_name="response")
    language = models.CharField(_("language"), max_length=12)
    created_at = models.DateTimeField(_("first answer"), default=clock.now)
    changed_at = models.DateTimeField(_("last answer"), default=clock.now)

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        indexes = [models.Index(fields=["created_at", "id"], name="response_by_time")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class NegativeRule(models.TextChoices):
    """The rules of ``surveys.judgement`` that can call an answer negative (R11)."""

    OUTCOME = "outcome_negative", _("not or only partly solved")
    SCORE = "score_at_or_below", _("score at or below the threshold")
    REASON = "reason_negative", _("a negative reason was chosen")
    HAZARD_REASON = "hazard_reason", _("a hazard was chosen")
    HAZARD_WORDS = "hazard_words", _("the words name a hazard")


class Answer(models.Model):
    """One answer to one question. The current one has no ``superseded_at``; earlier ones are kept (R10)."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    score = models.PositiveSmallIntegerField(_("score"), null=True, blank=True)
    chosen = ArrayField(models.CharField(max_length=32), verbose_name=_("chosen"), default=list, blank=True)
    words = models.TextField(_("words"), blank=True)
    negative = models.CharField(_("negative by"), max_length=20, choices=NegativeRule, blank=True)
    hazard = models.BooleanField(_("hazard"), default=False)
    answered_at = models.DateTimeField(_("answered"), default=clock.now)
    superseded_at = models.DateTimeField(_("changed"), null=True, blank=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(
                fields=["response", "question"],
                condition=models.Q(superseded_at=None),
                name="one_current_answer_per_question",
            ),
        ]
        indexes = [
            models.Index(
                fields=["answered_at"], condition=~models.Q(negative=""), name="answer_negative_by_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.score if self.score is not None else ','.join(self.chosen) or '…'}"
