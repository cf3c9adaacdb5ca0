"""Which survey a resolution gets, and which resolutions get none."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from feedback.models import Resolution
from surveys.models import Exclusion, Survey, SurveyVersion


@dataclass(frozen=True)
class Audience:
    """The surveys and exclusions in force, read once for a batch of resolutions."""

    surveys: tuple[Survey, ...]
    exclusions: frozenset[tuple[str, str]]

    @classmethod
    def in_force(cls) -> "Audience":
        newest = SurveyVersion.objects.filter(survey=OuterRef("pk"), published_at__isnull=False).order_by(
            "-number"
        )
        surveys = Survey.objects.filter(retired_at=None).annotate(
            current_version=Subquery(newest.values("pk")[:1])
        )
        return cls(
            surveys=tuple(surveys.filter(current_version__isnull=False)),
            exclusions=frozenset(Exclusion.objects.values_list("field", "value")),
        )

    def survey_for(self, resolution: Resolution) -> Survey | None:
        """Return the first survey by priority whose given fields all match, or none."""
        return next((survey for survey in self.surveys if _matches(survey, resolution)), None)

    def excludes(self, resolution: Resolution) -> bool:
        """Say whether a rule excludes this resolution from being asked about."""
        return any(
            (field, value) in self.exclusions
            for field, value in (
                (Exclusion.Field.DEPARTMENT, resolution.department_slug),
                (Exclusion.Field.SOURCE, resolution.case.source),
                (Exclusion.Field.PRODUCT, resolution.product),
                (Exclusion.Field.CHANNEL, resolution.channel),
            )
        )


def _matches(survey: Survey, resolution: Resolution) -> bool:
    wanted: Iterable[tuple[object, object]] = (
        (survey.department_id, resolution.department_id),
        (survey.source, resolution.case.source),
        (survey.product, resolution.product),
        (survey.channel, resolution.channel),
    )
    return all(not given or given == found for given, found in wanted)


def in_sample(survey: Survey, resolution: Resolution) -> bool:
    """Say whether the resolution falls into the survey's sample: the same answer whenever it is asked."""
    if survey.sample_percent >= 100:
        return True
    digest = hashlib.sha256(f"{survey.pk}:{resolution.pk}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 100 < survey.sample_percent
