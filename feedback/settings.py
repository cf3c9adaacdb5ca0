"""The settings, each read from the environment once, as `env.<kind>("NAME", ...)`; docs/settings.md lists them all.

Without DATABASE_URL the project runs on its embedded PostgreSQL and makes itself the keys it needs: that is for
trying out and developing. With DATABASE_URL it is production unless DEBUG is set, and asks for its keys.
"""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from feedback import csp, desk
from feedback.embedded import postgres
from feedback.environment import Environment, kept, key, keys, new_key, plain, quiet_hours

# Django's classes take type parameters from here on: ModelAdmin[Case], QuerySet[Case].
django_stubs_ext.monkeypatch()

env = Environment()

BASE_DIR = Path(__file__).resolve().parent.parent

# -- Where, and how much it says

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
# The demo's data and one's own never meet.
DATA_DIR = Path(
    env.str("DATA_DIR", default=str(BASE_DIR / ".answerback" / ("demo" if DEMO else "")))
).absolute()
PORT = env.int("PORT", default=8000)
BIND = env.str("BIND", default="127.0.0.1")
BASE_URL = env.str("BASE_URL", default=f"http://localhost:{PORT}").rstrip("/")
BRAND_NAME = env.str("BRAND_NAME", default="Harbour & Mill" if DEMO else "Answerback")
LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING" if DEMO else "INFO").upper()

# -- The database and the broker

DATABASE_URL = env.str("DATABASE_URL", default="")
EMBEDDED = not DATABASE_URL

DATABASES: dict[str, dict[str, Any]] = {
    "default": postgres.django_database(DATA_DIR) if EMBEDDED else env.db_url_config(DATABASE_URL)
}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured(
        "DATABASE_URL: PostgreSQL is the one database here: postgres://user:password@host/name"
    )
DATABASES["default"] |= {
    # A connection for every request would cost eight times the request.
    "CONN_MAX_AGE": 60,
    # ... and one that the server dropped is noticed before it is used.
    "CONN_HEALTH_CHECKS": True,
    # Parameters apart from the statement, prepared on the fifth use: a seventh to a third more requests a second.
    # A transaction pooler that cannot hold prepared statements takes "?prepare_threshold=None" in DATABASE_URL.
    "OPTIONS": {
        "server_side_binding": True,
        "prepare_threshold": 5,
        "connect_timeout": 5,
        **plain(DATABASES["default"].get("OPTIONS", {})),
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=postgres.broker_url(DATA_DIR) if EMBEDDED else "")
if not CELERY_BROKER_URL:
    raise ImproperlyConfigured(
        "CELERY_BROKER_URL: with DATABASE_URL set, a broker is needed too: redis://host/0"
    )

# -- Keys

PRODUCTION = not (DEBUG or EMBEDDED)


def _secret(name: str, given: str, made: str) -> str:
    """The given secret; in production there must be one, elsewhere one is made once and kept in the data folder."""
    if given:
        return given
    if PRODUCTION:
        raise ImproperlyConfigured(
            f"{name}: must be set in production (or {name}_FILE), for example to {made}"
        )
    return kept(DATA_DIR / name.lower(), lambda: made)


SECRET_KEY = _secret("SECRET_KEY", env.str("SECRET_KEY", default=""), secrets.token_urlsafe(50))
# Personal links are derived from the first key and checked by any: a new one goes in front of the old.
LINK_KEYS = keys("LINK_KEYS", _secret("LINK_KEYS", env.str("LINK_KEYS", default=""), f"1:{new_key()}"))
# Opt-outs outlive an erased customer as digests under this key.
DIGEST_KEY = key("DIGEST_KEY", _secret("DIGEST_KEY", env.str("DIGEST_KEY", default=""), new_key()))

# -- How the web reaches us

ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", urlsplit(BASE_URL).hostname or "localhost"]
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
SECURE_SSL = env.bool("SECURE_SSL", default=BASE_URL.startswith("https://"))
MAX_BODY = env.int("MAX_BODY", default=2_500_000)

if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # asked from inside, by plain HTTP
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL else 0
# Other hosts below this one, and the browsers' own list, are for whoever has the domain to decide, at their web server:
# neither can be taken back for a year.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"  # "no-referrer" would break the CSRF check of forms
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY
CONTENT_SECURITY_POLICY = {"DIRECTIVES": csp.STRICT}

# -- Messages

EMAIL_URL = env.str("EMAIL_URL", default="")
if DEMO or (EMBEDDED and not EMAIL_URL):  # what the demo sends never leaves the machine
    EMAIL: dict[str, Any] = {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(DATA_DIR / "mail"),
    }
else:
    EMAIL = env.email_url_config(EMAIL_URL or "smtp://localhost:25")
EMAIL_BACKEND = EMAIL["EMAIL_BACKEND"]
EMAIL_FILE_PATH = EMAIL.get("EMAIL_FILE_PATH")
EMAIL_HOST = EMAIL.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = EMAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = EMAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{BRAND_NAME} <feedback@localhost>")
# Never in production by itself: it accepts every SMS and sends none.
SMS_THAT_STAYS = "feedback.channels.sms.development.DevelopmentSMS"
SMS_BACKEND = env.str("SMS_BACKEND", default="" if PRODUCTION else SMS_THAT_STAYS)
if DEMO:
    SMS_BACKEND = SMS_THAT_STAYS
SMS_REGION = env.str("SMS_REGION", default="").upper()
CHANNELS = {"email": "feedback.channels.email.Email", "sms": SMS_BACKEND}
SEND_LEASE_SECONDS = env.int("SEND_LEASE_SECONDS", default=60)
SEND_ATTEMPTS = env.int("SEND_ATTEMPTS", default=24)
LINK_MISSES = env.int("LINK_MISSES", default=30)

# -- What the loop promises

QUIET_HOURS = quiet_hours(env.str("QUIET_HOURS", default="" if DEMO else "20-9"))
SURVEY_TOO_LATE_HOURS = env.int("SURVEY_TOO_LATE_HOURS", default=72)
SURVEY_CHANNELS = env.list("SURVEY_CHANNELS", default=["email", "sms"])
SURVEY_CAP_DAYS = env.int("SURVEY_CAP_DAYS", default=14)
SURVEY_LINK_DAYS = env.int("SURVEY_LINK_DAYS", default=14)
PAGE_LINK_DAYS = env.int("PAGE_LINK_DAYS", default=180)
FIRST_CONTACT_HOURS = env.int("FIRST_CONTACT_HOURS", default=24)
TOLD_HOURS = env.int("TOLD_HOURS", default=120)
SILENCE_DAYS = env.int("SILENCE_DAYS", default=7)
NOTICE_DELAY_SECONDS = env.int("NOTICE_DELAY_SECONDS", default=10 if DEMO else 300)
TOKEN_DAYS = env.int("TOKEN_DAYS", default=90)

# -- Languages and time

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True

# -- The application

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # before the admin: it takes the admin's templates over
    "feedback.desk.apps.DeskConfig",  # the admin itself, with our own site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_filters",
    "csp",
    "feedback",
    "surveys",
    "followups",
]
MIDDLEWARE = [
    "feedback.pages.guard",  # outside of everything, so that no answer under a personal link is without its headers
    "django.middleware.security.SecurityMiddleware",
    "feedback.pages.straight",  # customers' pages use nothing of what follows
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",  # outside the rest, so that their refusals carry the policy too
    "feedback.csp.relax",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
if DEMO:
    MIDDLEWARE.insert(0, "feedback.demo.framing.allow")
ROOT_URLCONF = "feedback.urls"
WSGI_APPLICATION = "feedback.wsgi.application"
AUTH_USER_MODEL = "feedback.User"
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the packages of others: a few of the theme's parts are ours, so that a keyboard reaches them.
        "DIRS": [BASE_DIR / "feedback" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
UNFOLD = desk.unfold(BRAND_NAME)

# -- The API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["feedback.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["feedback.api_parsers.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "feedback.api_pages.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "drf_standardized_errors.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "feedback.api_errors.ExceptionHandler",
    "ERROR_SCHEMAS": dict.fromkeys(
        ("400", "401", "403", "404", "405", "406", "413", "415", "429", "500"), "feedback.api_errors.ErrorOut"
    ),
}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": timedelta(days=TOKEN_DAYS)}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{BRAND_NAME} API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "feedback.api_errors.say_what_is_refused",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "CaseStatus": "feedback.models.cases.CaseStatus",
        "SkipReason": "feedback.reasons.SkipReason",
        "InvitationState": "surveys.models.Invitation.State",
        "QuestionKind": "surveys.models.QuestionKind",
        "FollowUpStatus": "followups.states.Status",
        "PointStatus": "followups.states.PointStatus",
        "PromiseState": "followups.states.PromiseState",
        "PromiseKind": "followups.models.Promise.Kind",
        "WithdrawnReason": "followups.states.WithdrawnReason",
        "JournalKind": "followups.states.Event",
        "ErrorType": "feedback.api_errors.TYPES",
        "BulkStatus": "feedback.intake.schema.BULK_STATUSES",
    },
}

# -- Celery: it carries nudges, never truth, so every hand-off below may fail fast

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_TIMEOUT = 2
if CELERY_BROKER_URL.startswith(("redis://", "rediss://")):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "max_retries": 0,  # else kombu tries for six seconds, whatever the publisher says
        "visibility_timeout": 600,  # far above every task's time limit, far below the default hour
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
    }
elif CELERY_BROKER_URL.startswith(("amqp://", "amqps://", "pyamqp://")):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"max_retries": 0}

# The sweeps: what each one finds is a row with a due time, so a missed or a doubled tick does no harm.
SWEEPS = [
    # task, every so many seconds
    ("feedback.tasks.send_due", 5),
    ("feedback.tasks.rescue", 30),
    ("feedback.tasks.heartbeat", 15),
    ("feedback.tasks.clean", 600),
    ("surveys.tasks.sweep", 30),
    ("followups.tasks.sweep", 30),
    ("followups.tasks.close_silent", 30),
]
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # A tick that nobody took before the next one is due is worth nothing.
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for task, seconds in SWEEPS
}
# Once a day by the clock on the wall: beat counts an interval anew at every start, and might never come to its end.
DAILY_SWEEPS = [
    # task, hour, minute (UTC)
    ("surveys.tasks.sweep_everything", 2, 10),
    ("followups.tasks.sweep_everything", 2, 40),
]
CELERY_BEAT_SCHEDULE |= {
    task: {"task": task, "schedule": crontab(hour=hour, minute=minute), "options": {"expires": 3600}}
    for task, hour, minute in DAILY_SWEEPS
}

# -- What it says

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {
        "discreet": {"()": "feedback.discretion.HideLinks"},
        "brief": {"()": "feedback.discretion.OneLine"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["discreet", "brief"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {"django": {"handlers": [], "level": LOG_LEVEL, "propagate": True}},
}
