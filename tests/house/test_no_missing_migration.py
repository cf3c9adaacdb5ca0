"""Models and migrations say the same."""

import pytest
from django.core.management import call_command

from tests.house.sources import PACKAGES


@pytest.mark.django_db
def test_no_missing_migration(capsys):
    try:
        call_command("makemigrations", *PACKAGES, check=True, dry_run=True, verbosity=1)
    except SystemExit:
        pytest.fail(
            "The models changed and no migration says so:\n"
            f"{capsys.readouterr().out}\n"
            "Run `.venv/bin/python manage.py makemigrations --name what_changed`, read what it wrote: it must be safe "
            "beside the running release and must need no extension of PostgreSQL; then commit it with the models."
        )
