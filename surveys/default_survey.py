"""The default survey (R5), in both languages: published on the first start, and the pattern for others."""

from django.db import transaction

from feedback import clock
from feedback.models import Department
from surveys.models import Choice, Question, QuestionKind, Survey, SurveyVersion

SLUG = "default"

TITLE = {"en": "How did it go?", "zh-hans": "这次处理得怎么样？"}
THANKS = {"en": "Thank you for telling us.", "zh-hans": "谢谢您告诉我们。"}

OUTCOMES = (
    ("yes", {"en": "Yes", "zh-hans": "解决了"}, False),
    ("partly", {"en": "Partly", "zh-hans": "部分解决"}, True),
    ("no", {"en": "No", "zh-hans": "没有解决"}, True),
)

REASONS = (
    ("not_fixed", {"en": "The problem is still there", "zh-hans": "问题还在"}),
    ("too_slow", {"en": "It took too long", "zh-hans": "拖得太久"}),
    ("had_to_repeat", {"en": "I had to explain it again and again", "zh-hans": "要反复说明"}),
    ("wrong_information", {"en": "I was told something wrong", "zh-hans": "得到的信息不对"}),
    ("charge", {"en": "The price or a charge", "zh-hans": "价格或收费"}),
    ("product_fault", {"en": "The product itself", "zh-hans": "产品本身"}),
    ("unsafe", {"en": "It is not safe", "zh-hans": "不安全"}),
    ("other", {"en": "Something else", "zh-hans": "其他"}),
)


@transaction.atomic
def ensure(reason_departments: dict[str, Department] | None = None) -> SurveyVersion:
    """Return the default survey's published version; made on the first call.

    Args:
        reason_departments: for each reason's key the department that can mend it, where it is not the case's own.
    """
    Survey.objects.get_or_create(slug=SLUG, defaults={"priority": 1000})
    survey = Survey.objects.select_for_update().get(slug=SLUG)  # two first starts at once make one version
    published = survey.versions.filter(published_at__isnull=False).order_by("-number").first()
    if published:
        return published
    version = SurveyVersion.objects.create(survey=survey, number=1, title=TITLE, thanks=THANKS)
    outcome = Question.objects.create(
        version=version,
        position=1,
        kind=QuestionKind.OUTCOME,
        text={"en": "Was it solved?", "zh-hans": "问题解决了吗？"},
    )
    Question.objects.create(
        version=version,
        position=2,
        kind=QuestionKind.EASE,
        text={"en": "How easy was it for you?", "zh-hans": "过程顺利吗？"},
        low_label={"en": "very hard", "zh-hans": "很费劲"},
        high_label={"en": "very easy", "zh-hans": "很轻松"},
        lowest=1,
        highest=7,
        negative_up_to=3,
    )
    reasons = Question.objects.create(
        version=version,
        position=3,
        kind=QuestionKind.REASONS,
        text={"en": "What went wrong?", "zh-hans": "哪里出了问题？"},
    )
    Question.objects.create(
        version=version,
        position=4,
        kind=QuestionKind.WORDS,
        text={"en": "What would put it right?", "zh-hans": "怎样才能让您满意？"},
    )
    Question.objects.create(
        version=version,
        position=5,
        kind=QuestionKind.PERSON,
        text={"en": "And the person who helped you?", "zh-hans": "接待您的工作人员怎么样？"},
        low_label={"en": "poor", "zh-hans": "很差"},
        high_label={"en": "great", "zh-hans": "很好"},
        lowest=1,
        highest=5,
        negative_up_to=2,
    )
    Choice.objects.bulk_create(
        Choice(question=outcome, position=position, key=key, text=text, negative=negative)
        for position, (key, text, negative) in enumerate(OUTCOMES, start=1)
    )
    Choice.objects.bulk_create(
        Choice(
            question=reasons,
            position=position,
            key=key,
            text=text,
            negative=True,
            hazard=key == "unsafe",
            department=(reason_departments or {}).get(key),
        )
        for position, (key, text) in enumerate(REASONS, start=1)
    )
    version.published_at = clock.now()
    version.save(update_fields=["published_at"])
    return version
