"""`manage.py first_start`: the first rows of an empty installation, where its processes are started one by one."""

from typing import Any

from django.core.management.base import BaseCommand

from feedback import first_start


class Command(BaseCommand):
    help = "Makes the first manager, the fallback department and the default survey, where there are none."

    def handle(self, *args: Any, **options: Any) -> None:
        first_start.ensure()
