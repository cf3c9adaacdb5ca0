"""What a database server does for itself elsewhere, and what a replay may do without."""

from django.db import connection


def no_plug_is_pulled() -> None:
    """Let commits not wait for the disk: a replay asks what is written, not whether it outlives a power cut."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")


def take_statistics() -> None:
    """What autovacuum does where it is on: without it, tables that grow from nothing are planned for as if empty."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
