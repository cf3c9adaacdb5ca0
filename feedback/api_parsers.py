"""How the API reads a body: bounded in size and depth, so that no body costs more than it may."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = _("The body is larger than this server accepts.")


class BoundedJSONParser(JSONParser):
    """JSON in UTF-8 (RFC 8259). Nested too deeply is an error in the body, not in us."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        # Django refuses a larger body by its announced length; this holds where none is announced.
        body = stream.read(settings.MAX_BODY + 1)
        if len(body) > settings.MAX_BODY:
            raise TooLarge
        try:
            return json.loads(body.decode(), parse_constant=_refuse_constant)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except ValueError as error:
            raise ParseError(_("This is not JSON: %(error)s") % {"error": error}) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number in JSON")
