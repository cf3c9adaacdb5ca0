"""The baseline's own tables: a survey, a case with a link and an invitation, and the answer to it.

They belong to no installed app and have no migration: the benchmarks make and drop them.
"""

from django.db import connection, models


class Survey(models.Model):
    title = models.JSONField(default=dict)
    question = models.JSONField(default=dict)

    class Meta:
        app_label = "baseline"


class Case(models.Model):
    source = models.CharField(max_length=64)
    external_id = models.CharField(max_length=255)
    subject = models.CharField(max_length=500)
    status = models.CharField(max_length=8)
    resolved_at = models.DateTimeField()
    customer = models.CharField(max_length=255)
    email = models.CharField(max_length=320)
    language = models.CharField(max_length=12)

    class Meta:
        app_label = "baseline"
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="baseline_case_once")]


class Link(models.Model):
    purpose = models.CharField(max_length=8)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "baseline"


class Invitation(models.Model):
    case = models.OneToOneField(Case, on_delete=models.PROTECT)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT)
    link = models.OneToOneField(Link, on_delete=models.PROTECT)
    subject = models.CharField(max_length=500)
    state = models.CharField(max_length=8)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "baseline"


class Answer(models.Model):
    invitation = models.OneToOneField(Invitation, on_delete=models.PROTECT)
    chosen = models.CharField(max_length=32)
    language = models.CharField(max_length=12)
    answered_at = models.DateTimeField()

    class Meta:
        app_label = "baseline"


ALL = (Survey, Case, Link, Invitation, Answer)


def make() -> None:
    """Make the tables, anew if they are there."""
    drop()
    with connection.schema_editor() as editor:
        for model in ALL:
            editor.create_model(model)


def drop() -> None:
    with connection.cursor() as cursor:
        for model in reversed(ALL):
            cursor.execute(f"DROP TABLE IF EXISTS {model._meta.db_table} CASCADE")
