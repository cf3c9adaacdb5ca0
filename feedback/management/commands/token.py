"""`manage.py token USERNAME`: makes a token for the API and prints it, once."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from knox.models import AuthToken

from feedback.models import User


class Command(BaseCommand):
    help = "Makes a token for the API. It is shown once and kept only as a digest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--days", type=int, default=settings.TOKEN_DAYS, help="how long it works (default: TOKEN_DAYS)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["days"] <= 3650:
            raise CommandError("--days: expected 1 to 3650")
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"there is nobody by the name {options['username']!r}")
        if not user.is_active:
            raise CommandError(f"{options['username']!r} is not active: their tokens do not work")
        _row, token = AuthToken.objects.create(user, expiry=timedelta(days=options["days"]))
        self.stdout.write(token)
