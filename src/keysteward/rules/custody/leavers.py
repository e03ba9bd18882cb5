"""Who leaves, by a list from HR? One person a line, by address; accounts and domains may stand in it too."""

from keysteward.rules.custody.columns import folded
from keysteward.rules.custody.what_if import EVENTS, Change, Event
from keysteward.rules.custody.written import Misread, lines_of_csv

MOST_CHANGES = 10_000
_HEADINGS: dict[str, Event] = {
    "email": "leaves", "useremail": "leaves", "emailaddress": "leaves", "mail": "leaves", "workemail": "leaves",
    "person": "leaves", "user": "leaves", "userid": "leaves", "leaver": "leaves",
    "account": "closes", "accountid": "closes", "domain": "lapses", "hostname": "lapses",
}  # fmt: skip


def read_changes(name: str, text: str) -> tuple[Change, ...]:
    """The changes of a list: a column of addresses, with or without its heading; account and domain are columns too."""
    lines = list(lines_of_csv(name, text.removeprefix("\ufeff")))
    if not lines:
        raise Misread(name, "it is empty.", "Write one address a line.")
    number, first = lines[0]
    columns = [_HEADINGS.get(folded(cell)) for cell in first]
    if not any(columns):
        if len(first) > 1 or "@" not in first[0]:
            raise Misread(f"{name}, line {number}, column 1", "no heading is known.", "Call the column email.")
        return _bounded(name, [Change("leaves", cells[0].strip()) for _, cells in lines])
    rows = [zip(columns, cells, strict=False) for _, cells in lines[1:]]
    found = [Change(event, cell.strip()) for row in rows for event, cell in row if event and cell.strip()]
    return _bounded(name, found)


def named(event: str, subject: str) -> Change:
    """One change that somebody typed."""
    known = next((each for each in EVENTS if each == event), None)
    if known is None:
        raise Misread("event", f"{event} is not known here.", f"Choose among {', '.join(EVENTS)}.")
    return Change(known, subject.strip())


def _bounded(name: str, found: list[Change]) -> tuple[Change, ...]:
    if len(found) > MOST_CHANGES:
        raise Misread(name, f"it names more than {MOST_CHANGES:,}.", "Ask about them in parts.")
    return tuple(dict.fromkeys(found))
