"""What does an address ask of a list?

`q` are words, `sort` is the name of a column with a minus for the other direction, `page` begins at 1; every filter
has its own name and known values.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from starlette.datastructures import QueryParams

from keysteward.rules.listing import MOST_PAGES, MOST_WORDS, PAGE_SIZE, Wanted

_MOST_DIGITS = 5


class Asked(NamedTuple):
    """What is asked, and the parameters that say something unknown and narrow nothing."""

    wanted: Wanted
    ignored: tuple[str, ...] = ()


def asked(
    query: QueryParams, sorts: Collection[str], filters: Mapping[str, Collection[str]], prefix: str = ""
) -> Asked:
    """What a query asks for; an empty parameter is none. Names begin with the prefix where a page has two lists."""
    words, sort, page = (query.get(prefix + name, "").strip() for name in ("q", "sort", "page"))
    said = {name: query.get(prefix + name, "") for name in filters}
    known = {
        "q": len(words) <= MOST_WORDS and "\x00" not in words,
        "sort": not sort or sort.removeprefix("-") in sorts,
        "page": not page or _is_page(page),
        **{name: not value or value in filters[name] for name, value in said.items()},
    }
    wanted = Wanted(
        words if known["q"] else "",
        tuple((name, value) for name, value in said.items() if value and known[name]),
        sort.removeprefix("-") if known["sort"] else "",
        sort.startswith("-") and known["sort"],
        int(page) if page and known["page"] else 1,
        PAGE_SIZE,
    )
    return Asked(wanted, tuple(prefix + name for name, is_known in known.items() if not is_known))


def _is_page(text: str) -> bool:
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return is_number and 1 <= int(text) <= MOST_PAGES
