"""Which part of a list is asked for, and how does the answer say which part it is?"""

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from keysteward.web.restapi.query import number

Row = TypeVar("Row")

_MOST_COUNTED = 100
_MOST_TAKEN = 1_000
_TAKEN_BY_DEFAULT = 20


def rest_page(query: QueryParams, name: str, rows: Sequence[Row], show: Callable[[Row], object]) -> dict[str, object]:
    """A part of a list as the eSignature API shows it, counted in text. `name` is the list's and its path's."""
    start = number(query, "start_position", 0)
    count = min(number(query, "count", _MOST_COUNTED, least=1), _MOST_COUNTED)
    shown = rows[start : start + count]

    def uri(position: int) -> str:
        return f"/{name}?{_moved(query, start_position=position, count=count)}"

    return {
        name: [show(row) for row in shown],
        "resultSetSize": str(len(shown)),
        "totalSetSize": str(len(rows)),
        "startPosition": str(start),
        "endPosition": str(start + max(len(shown), 1) - 1),
        "nextUri": uri(start + count) if start + count < len(rows) else "",
        "previousUri": uri(max(start - count, 0)) if start else "",
    }


def admin_page(
    query: QueryParams, name: str, address: str, rows: Sequence[Row], show: Callable[[Row], object]
) -> dict[str, object]:
    """A part of a list as the Admin API shows it. `end` is the last position asked for, unless `take` says how many."""
    start = number(query, "start", 0)
    take = min(number(query, "take", _to_the_end(query, start), least=1), _MOST_TAKEN)
    shown = rows[start : start + take]
    paging: dict[str, object] = {
        "result_set_size": len(shown),
        "result_set_start_position": start,
        "result_set_end_position": start + max(len(shown), 1) - 1,
        "total_set_size": len(rows),
    }
    if start + take < len(rows):
        paging["next"] = f"{address}?{_moved(query, start=start + take, take=take)}"
    if start:
        paging["previous"] = f"{address}?{_moved(query, start=max(start - take, 0), take=take)}"
    return {name: [show(row) for row in shown], "paging": paging}


def _to_the_end(query: QueryParams, start: int) -> int:
    if query.get("take") or not query.get("end"):
        return _TAKEN_BY_DEFAULT
    return number(query, "end", start, least=start) - start + 1


def _moved(query: QueryParams, **positions: int) -> str:
    kept = [(name, value) for name, value in query.multi_items() if name not in {*positions, "end"}]
    return urlencode([*kept, *positions.items()])
