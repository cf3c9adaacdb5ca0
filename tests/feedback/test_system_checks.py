import pytest
from django.core.checks import run_checks


@pytest.fixture
def found(settings):
    settings.PRODUCTION = True
    settings.BASE_URL = "https://fb.example"
    settings.TRUSTED_PROXIES = 1
    settings.DEFAULT_FROM_EMAIL = "Shop <feedback@shop.example>"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.CHANNELS = {"email": "feedback.channels.email.Email", "sms": ""}
    settings.LINK_KEYS = {"1": b"k" * 32}
    settings.SMS_REGION = "CN"

    def run() -> set[str]:
        ours = [one for one in run_checks() if (one.id or "").startswith("answerback.")]
        assert all(one.hint for one in ours)
        return {one.id or "" for one in ours}

    assert run() == set()
    return run


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("LINK_KEYS", {"a-b": b"k" * 32}, "answerback.E001"),
        ("LINK_KEYS", {"123456789": b"k" * 32}, "answerback.E001"),
        ("CHANNELS", {"email": "feedback.channels.pigeon.Pigeon"}, "answerback.E002"),
        ("CHANNELS", {"email": "feedback.clock.now"}, "answerback.E002"),
        ("SMS_REGION", "XX", "answerback.E003"),
        ("LINK_KEYS", {"1": b"k" * 16}, "answerback.W001"),
        ("CHANNELS", {"sms": "feedback.channels.sms.development.DevelopmentSMS"}, "answerback.W002"),
        ("DEFAULT_FROM_EMAIL", "Shop <feedback@localhost>", "answerback.W003"),
        ("DEFAULT_FROM_EMAIL", "", "answerback.W003"),
        ("BASE_URL", "http://fb.example", "answerback.W004"),
        ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend", "answerback.W005"),
        ("TRUSTED_PROXIES", 0, "answerback.W006"),
    ],
)
def test_a_set_up_that_would_disappoint_is_found_with_a_hint(settings, found, name, value, expected):
    setattr(settings, name, value)
    assert found() == {expected}


@pytest.mark.parametrize("name", ["BASE_URL", "EMAIL_BACKEND", "DEFAULT_FROM_EMAIL"])
def test_what_is_right_for_trying_out_is_found_in_production_only(settings, found, name):
    settings.PRODUCTION = False
    setattr(settings, name, "django.core.mail.backends.console.EmailBackend")
    assert found() == set()
