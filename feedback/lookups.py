"""Looking up many rows at once: by one array, however many values it holds.

``__in`` writes one placeholder for each value: with five hundred of them, taking the statement apart costs more than
running it, and no two batches share a prepared statement. The arrays are unnested, so that the planner joins: what it
does then takes a time in proportion to the rows, even on a table that was filled a moment ago and has no statistics.
"""

from collections.abc import Collection
from typing import Any

from django.db.models import BooleanField, F, Field, ForeignObject, Func, Lookup
from django.db.models.sql.compiler import SQLCompiler


@ForeignObject.register_lookup  # relations look no further than their own
@Field.register_lookup
class AnyOf(Lookup[Any]):
    """``pk__any_of=ids``: the column equals one of these plain values (not model instances, querysets or None)."""

    lookup_name = "any_of"

    def get_prep_lookup(self) -> list[Any]:
        field = getattr(self.lhs.output_field, "target_field", self.lhs.output_field)
        return [field.get_prep_value(value) for value in self.rhs]

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        field = getattr(self.lhs.output_field, "target_field", self.lhs.output_field)
        column, parameters = self.process_lhs(compiler, connection)
        values = [field.get_db_prep_value(value, connection, prepared=True) for value in self.rhs]
        # The type has to be said: of an empty list the server could not know it.
        kind = field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
        array = f"{(kind or 'text').split('(')[0]}[]"
        return f"{column} IN (SELECT unnest(%s::{array}))", (*parameters, values)


class AnyPair(Func):
    """A condition for ``filter``: two columns of text equal one of these pairs.

    Both at once, so that their common index serves: by one after the other, every row of a source would be compared
    with every value.
    """

    def __init__(self, first: str, second: str, pairs: Collection[tuple[str, str]]) -> None:
        super().__init__(F(first), F(second), output_field=BooleanField())
        self.pairs = sorted(pairs)

    def as_sql(
        self, compiler: SQLCompiler, connection: Any, *_: Any, **__: Any
    ) -> tuple[str, tuple[Any, ...]]:
        columns: list[str] = []
        parameters: list[Any] = []
        for expression in self.get_source_expressions():
            sql, own = compiler.compile(expression)
            columns.append(sql)
            parameters += own
        firsts, seconds = [first for first, _ in self.pairs], [second for _, second in self.pairs]
        sql = f"({', '.join(columns)}) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"  # noqa: S608  # columns only
        return sql, (*parameters, firsts, seconds)
