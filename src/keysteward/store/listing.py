"""How is one page of a long list read, in any order, alike on both databases?"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import String

from keysteward.rules.listing import Part, Wanted

Sorts = Mapping[str, ColumnElement[Any]]


class folded(FunctionElement[str]):  # noqa: N801 — it reads like the functions of SQL
    """A text without letter case, ordered by its code points whatever the locale of the database is."""

    type = String()
    inherit_cache = True


@compiles(folded, "sqlite")
def _folded_in_sqlite(element: Any, compiler: Any, **options: Any) -> str:  # noqa: ANN401 — of SQLAlchemy's own kinds
    return f"lower({compiler.process(element.clauses, **options)})"


@compiles(folded, "postgresql")
def _folded_in_postgresql(element: Any, compiler: Any, **options: Any) -> str:  # noqa: ANN401 — likewise
    return f'lower(({compiler.process(element.clauses, **options)}) COLLATE "C")'


def holding(words: str, *columns: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether any of some texts holds these words, whatever their letter case."""
    return or_(*(column.icontains(words, autoescape=True) for column in columns))


def read_part(
    tx: Connection, query: Select[Any], wanted: Wanted, sorts: Sorts, tie: ColumnElement[Any]
) -> Part[Row[Any]]:
    """One page of what a query finds. The query has the list's own order; `tie` decides between rows that sort alike.

    Rows without a value in the column that sorts come last, in both directions.
    """
    counting = query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = int(tx.execute(counting).scalar_one())
    shown = wanted.within(total)
    column = sorts.get(wanted.sort)
    if column is not None:
        turned = [each.desc() if wanted.is_descending else each.asc() for each in (column, tie)]
        missing = [column.is_(None)] if getattr(column, "nullable", False) else []
        query = query.order_by(None).order_by(*missing, *turned)
    rows = tx.execute(query.limit(shown.size).offset(shown.skipped)).all()
    return Part(list(rows), total, shown.page)
