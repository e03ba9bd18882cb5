"""How are counted calls shown: as a chart, as tables beside it, and as links that narrow the view?"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from keysteward.actions.call_usage import Page, Place, Usage
from keysteward.rules.call_usage import DEFAULT_PERIOD, PERIODS, Bar, Group, Tally, bars
from keysteward.rules.calls import Call
from keysteward.rules.words import spoken
from keysteward.web.pages.bar_chart import Counts, bar_chart
from keysteward.web.usage_asked import FILTERS

Shown = dict[str, Any]

_PERIOD_WORDS = {"24h": "24 hours", "7d": "7 days", "30d": "30 days", "90d": "90 days"}
_ENDINGS = (("succeeded", "Succeeded"), ("failed", "Failed"))
_DAY = timedelta(days=1)
_HOUR = "%-d %b %H:%M"


def usage(found: Usage, query: QueryParams) -> Shown:
    """What the usage page shows."""
    narrowed, whole, home = _narrowed(query), found.total, _home(found.place)
    names = found.names
    return {
        **place(found.place),
        "filters": _filters(found, narrowed),
        "links": {
            "calls": _to(f"{home}/calls", narrowed),
            "csv": _to(f"{home}/hours.csv", narrowed),
            "lines": _lines(found.place, narrowed),
            "all": home,
        },
        "is_narrowed": bool(narrowed.keys() - {"period"}),
        "total": _tally(whole),
        "busiest": found.busiest,
        "headroom": found.headroom,
        "chart": _chart(bars(found.hours, found.asked.window)),
        "operations": _groups(found.operations, whole, {}, home, narrowed, "operation"),
        "failures": [
            each._asdict() | {"href": _to(f"{home}/calls", narrowed, operation=each.operation, status=str(each.status))}
            for each in found.failures
        ],
        "users": _groups(found.users, whole, names.users, home, narrowed, "user"),
        "others": _groups(found.apps or found.accounts, whole, names.apps | names.accounts, home, narrowed, ""),
        "sdks": _groups(found.sdks, whole, {}, home, narrowed, ""),
        "offenders": [each._asdict() | {"pause": spoken(each.shortest_pause)} for each in found.offenders],
        "unused": [{"key": each.app.key, "name": each.app.name, "last_at": each.last_at} for each in found.unused],
        "known_since": found.known_since,
        "calls_kept_since": found.calls_kept_since,
    }


def calls(page: Page, query: QueryParams) -> Shown:
    """What the list of single calls shows."""
    narrowed, home = _narrowed(query), _home(page.place)
    older = _to(f"{home}/calls", narrowed, before=str(page.before)) if page.before else ""
    return {
        **place(page.place),
        "calls": [call(each) | {"href": f"{home}/calls/{each.sequence}"} for each in page.calls],
        "said": [(name.capitalize(), value) for name, value in narrowed.items()],
        "links": {"usage": _to(home, narrowed), "older": older, "newest": _to(f"{home}/calls", narrowed)},
        "is_newest": "before" not in query,
    }


def place(found: Place) -> Shown:
    """Whose calls a page shows, and where its pages are."""
    app = found.app
    return {"app": {"name": app.name, "key": app.key} if app else None, "home": _home(found)}


def call(made: Call) -> Shown:
    """A call as the templates take it; one whose outcome nobody reported has no status."""
    return {
        "number": made.sequence,
        "method": made.method,
        "operation": made.operation.removeprefix(made.method).strip(),
        "path": made.url,
        "status": made.status or "unknown",
        "error_code": made.error_code,
        "at": made.at,
        "ok": made.succeeded,
        "counts": made.countable,
        "why": made.why_not,
        "sdk": made.sdk,
        "trace": made.trace,
    }


def titled(name: str, titles: Mapping[str, str]) -> Shown:
    """A GUID with what people call it, where whoever asks may know."""
    return {"name": name, "title": titles.get(name, "")}


def _chart(shown: tuple[Bar, ...]) -> Shown:
    """What succeeded below, what failed above it: hour by hour, or day by day where it is more than two days."""
    ends = ("", "")
    if shown:
        pattern = "%-d %b" if shown[-1].until - shown[0].since > 2 * _DAY else _HOUR
        ends = (f"{shown[0].since:{pattern}}", f"{shown[-1].until:{pattern}} UTC")
    drawn = [Counts(f"{bar.since:{_HOUR}}", bar.tally.calls - bar.tally.failed, bar.tally.failed) for bar in shown]
    return bar_chart(drawn, ends, "No call in this time")


def _tally(tally: Tally) -> Shown:
    share = 100 * tally.failed / tally.calls if tally.calls else 0
    return {"calls": f"{tally.calls:,}", "failed": f"{tally.failed:,}", "rate": f"{share:.1f} %"}


def _groups(
    found: Iterable[Group], whole: Tally, titles: Mapping[str, str], home: str, narrowed: dict[str, str], by: str
) -> list[Shown]:
    return [
        {
            "name": group.name,
            "title": titles.get(group.name, ""),
            "share": round(100 * group.tally.calls / whole.calls, 1),
            "last_at": group.last_at,
            "href": _to(home, narrowed, **{by: group.name}) if by and group.name else "",
            **_tally(group.tally),
        }
        for group in found
    ]


def _filters(found: Usage, narrowed: dict[str, str]) -> Shown:
    has_own_window = bool({"since", "until"} & narrowed.keys())
    users = [(each.name, found.names.users.get(each.name, each.name)) for each in found.users if each.name]
    user, operation, status = (narrowed.get(name, "") for name in ("user", "operation", "status"))
    return {
        "period": "" if has_own_window else narrowed.get("period", DEFAULT_PERIOD),
        "periods": [(name, _PERIOD_WORDS[name]) for name in PERIODS],
        "window": (found.asked.window.since, found.asked.window.until),
        "user": user,
        "users": _with_chosen(users, user),
        "operation": operation,
        "operations": _with_chosen([(each.name, each.name) for each in found.operations], operation),
        "status": status,
        "statuses": _with_chosen([*_ENDINGS, *_statuses(found)], status),
    }


def _statuses(found: Usage) -> list[tuple[str, str]]:
    return [(text, text) for text in sorted({str(each.status) for each in found.failures})]


def _with_chosen(choices: list[tuple[str, str]], chosen: str) -> list[tuple[str, str]]:
    """All choices, what is chosen among them even where no call has it."""
    is_known = not chosen or chosen in {value for value, _ in choices}
    return choices if is_known else [*choices, (chosen, chosen)]


def _narrowed(query: QueryParams) -> dict[str, str]:
    return {name: query[name] for name in FILTERS if query.get(name)}


def _home(found: Place) -> str:
    return f"/apps/{found.app.key}/usage" if found.app else "/account/usage"


def _lines(found: Place, narrowed: dict[str, str]) -> str:
    """Where the calls of a key are to be had as `keysteward review` reads them; nowhere for an account."""
    if found.app is None:
        return ""
    window: dict[str, str] = {name: narrowed[name] for name in ("period", "since", "until") if name in narrowed}
    return _to(f"/api/v1/usage/keys/{found.app.key}/calls.ndjson", window)


def _to(path: str, narrowed: Mapping[str, str], **more: str) -> str:
    query = urlencode({**narrowed, **more})
    return f"{path}?{query}" if query else path
