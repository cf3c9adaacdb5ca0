"""Which survey a resolution gets, and which resolutions get none."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from feedback.models import Resolution
from surveys.models import Exclusion, Survey, SurveyVersion


@dataclass(frozen=True)
class Audience:
    """The surveys and exclusions in force, read once for a batch of resolutions."""

    surveys: tuple[Survey, ...]
    versions: Mapping[int, int]
    exclusions: frozenset[tuple[str, str]]

    @classmethod
    def in_force(cls) -> "Audience":
        published = SurveyVersion.objects.filter(published_at__isnull=False, survey__retired_at=None)
        versions = dict(published.order_by("number").values_list("survey_id", "pk"))
        return cls(
            surveys=tuple(Survey.objects.filter(pk__in=versions)),
            versions=versions,
            exclusions=frozenset(Exclusion.objects.values_list("field", "value")),
        )

    def survey_for(self, resolution: Resolution) -> Survey | None:
        """Return the first survey by priority whose given fields all match, or none."""
        return next((survey for survey in self.surveys if _matches(survey, resolution)), None)

    def version_of(self, survey: Survey | None) -> int | None:
        """Return the id of the newest published version of one of these surveys."""
        return self.versions[survey.pk] if survey else None

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
