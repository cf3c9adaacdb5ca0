"""The one shape of every error of the API: how it is made, and how the description shows it."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from drf_standardized_errors import handler
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from feedback.api_parsers import TooLarge
from feedback.unavailable import AWAY, TryAgain

TYPES = ["validation_error", "client_error", "server_error"]


class ExceptionHandler(handler.ExceptionHandler):
    """The package's, and what Django and our services raise besides."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, RequestDataTooBig):
            return TooLarge()
        if isinstance(exc, AWAY):
            return TryAgain()
        if isinstance(exc, DjangoValidationError):
            return ValidationError(serializers.as_serializer_error(exc))
        converted: Exception = super().convert_known_exceptions(exc)
        return converted


class Problem(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="A stable word for programs.")
    detail = serializers.CharField(help_text="A sentence for people.")
    attr = serializers.CharField(allow_null=True, help_text="Where: customer.email, for example.")


class ErrorOut(serializers.Serializer[Any]):
    """What is wrong, and where. Only a validation error can name more than one problem."""

    type = serializers.ChoiceField(choices=TYPES)
    errors = Problem(many=True)  # type: ignore[assignment]  # a name that serializers use too


def say_what_is_refused(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """Add to the description that bodies are closed: a field that is not named there is an error (R37)."""
    for name, schema in result["components"]["schemas"].items():
        if name.endswith("Request") and schema.get("type") == "object":
            schema["additionalProperties"] = False
    return result


def error(description: str, code: str, detail: str, attr: str | None = None) -> OpenApiResponse:
    """Describe one error answer, with an example."""
    kind = "validation_error" if attr else "client_error"
    example = {"type": kind, "errors": [{"code": code, "detail": detail, "attr": attr}]}
    return OpenApiResponse(ErrorOut, description, examples=[OpenApiExample(code, example)])
