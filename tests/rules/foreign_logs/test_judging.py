"""Is the verdict over logs the one that a review would give, and does it say what the logs leave open?"""

import gzip
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keysteward.rules.foreign_logs import own_lines
from keysteward.rules.foreign_logs.collecting import AFTER_THE_START, OF_ANOTHER_KEY, OF_NOBODY, UNVERIFIED
from keysteward.rules.foreign_logs.judging import Asked, Judged, NoChoice
from keysteward.rules.foreign_logs.report import document
from keysteward.rules.foreign_logs.sightings import Unreadable
from keysteward.rules.policy import DEFAULT
from tests.rules.examples import KEY, NOW, OTHER_KEY, a_call
from tests.rules.foreign_logs.logs import (
    ENVELOPE,
    ENVELOPES,
    START,
    access_line,
    access_log,
    archive,
    har,
    har_entry,
    judged,
    request_log,
    times,
    twenty_request_logs,
)

GAP = DEFAULT.polling_gap


def a_log(calls: Sequence[tuple[timedelta, str, str, int]]) -> bytes:
    """An access log of calls at these distances from the start."""
    return access_log(access_line(START + after, method, url, status) for after, method, url, status in calls)


def good(count: int, after: timedelta = timedelta()) -> list[tuple[timedelta, str, str, int]]:
    """Good calls, a second apart."""
    return [(after + timedelta(seconds=number), "POST", ENVELOPES, 201) for number in range(count)]


def silences(found: Judged) -> list[str]:
    """What the logs do not say, of what could change the verdict."""
    return [silence.code for silence in found.silences if silence.matters]


def as_har(moments: Sequence[datetime]) -> bytes:
    """A HAR of good calls."""
    return har(har_entry(at) for at in moments)


def as_own(moments: Sequence[datetime]) -> bytes:
    """Calls of Keysteward as lines."""
    calls = [a_call(at=at, sequence=number) for number, at in enumerate(moments, start=1)]
    return b"".join(map(own_lines.line_of, calls))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.har", as_har),
        ("a.log", lambda moments: access_log(map(access_line, moments))),
        ("a.log.gz", lambda moments: gzip.compress(access_log(map(access_line, moments)))),
        ("a.ndjson", as_own),
        ("a.zip", lambda moments: archive({
            f"{number:02}_Created_X.txt": request_log(ENVELOPES, at=at) for number, at in enumerate(moments)
        })),
    ],
)  # fmt: skip
@pytest.mark.parametrize("count", [19, 20])
def test_twenty_good_calls_pass_in_every_format(
    name: str, write: Callable[[Sequence[datetime]], bytes], count: int
) -> None:
    """Twenty pass and nineteen do not, whoever wrote them down."""
    found = judged((name, write(times(count))))

    assert (found.verdict, found.run) == ("passed" if count == 20 else "failed", count)


# ── the rules ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("gap", "rule"), [(GAP, None), (GAP - timedelta(milliseconds=1), "no-polling")])
def test_exactly_fifteen_minutes_pass(gap: timedelta, rule: str | None) -> None:
    """The same exact GET is polling below 15 minutes, wherever the first one stands in the log."""
    first, again = (timedelta(), "GET", ENVELOPE, 200), (gap, "GET", ENVELOPE, 200)
    found = judged(("a.log", a_log([*good(40), first, again])))

    assert {finding.rule for finding in found.findings} - {"calls-in-a-row"} == ({rule} if rule else set())


def test_the_read_before_may_be_long_ago_in_the_log() -> None:
    """The previous read is found though thousands of other calls lie between, and it is not among the newest."""
    first, again = (timedelta(), "GET", ENVELOPE, 200), (timedelta(minutes=10), "GET", f"{ENVELOPE}?", 200)
    between = [(timedelta(milliseconds=number), "POST", ENVELOPES, 201) for number in range(1, 3_000)]
    found = judged(("a.log", a_log([first, *between, *good(19, timedelta(minutes=6)), again])))

    assert [finding.rule for finding in found.findings] == ["calls-in-a-row", "no-polling"]


def test_another_query_is_another_resource() -> None:
    """The same path with another query is read for the first time."""
    reads = [(timedelta(seconds=number), "GET", f"{ENVELOPE}/documents?page={number}", 200) for number in range(20)]

    assert judged(("a.log", a_log(reads))).verdict == "passed"


def test_what_does_not_count() -> None:
    """Logins, other paths, the API's own failures, calls that nobody waited for and 401 are left out."""
    others = [("/oauth/token", 200), ("/restapi/v2.1/login_information", 200), (ENVELOPES, 503), (ENVELOPES, 499),
              (ENVELOPES, 401)]  # fmt: skip
    calls = [(timedelta(seconds=30), "GET", url, status) for url, status in others]
    found = judged(("a.log", a_log([*good(20), *calls])))

    assert (found.verdict, found.run) == ("passed", 20)
    assert dict(found.reasons) == {
        "calls outside an account do not count": 1,
        "logins do not count": 1,
        "the API failed, not the app": 1,
        "the caller left before the answer": 1,
        UNVERIFIED: 1,
    }


def test_a_failure_breaks_the_run_and_is_named() -> None:
    """The finding names call, file and line."""
    found = judged(
        ("a.log", a_log([*good(9), (timedelta(seconds=9), "PUT", ENVELOPE, 404), *good(5, timedelta(minutes=1))]))
    )

    said = document(found)["findings"]
    assert [finding["rule"] for finding in said] == ["calls-in-a-row", "no-errors"]
    assert (said[1]["status"], said[1]["file"], said[1]["in_file"]) == (404, "a.log", "line 10")


def test_when_the_review_would_start() -> None:
    """With --at the newest call may be too old, and calls after it are not there yet."""
    late = Asked(DEFAULT, starts_at=START + timedelta(hours=25))
    early = Asked(DEFAULT, starts_at=START + timedelta(seconds=9))

    assert [finding.rule for finding in judged(("a.log", a_log(good(20))), asked=late).findings] == ["recent"]
    found = judged(("a.log", a_log(good(20))), asked=early)
    assert (found.run, found.reasons[AFTER_THE_START]) == (10, 10)


def test_numbers_of_a_policy() -> None:
    """Another policy asks for other numbers."""
    few = Asked(replace(DEFAULT, calls_needed=3))

    assert judged(("a.log", a_log(good(3))), asked=few).verdict == "passed"


# ── several files, several keys ─────────────────────────────────────────────────────────────────────────────────────
def test_files_are_one_history() -> None:
    """Calls of several files, mixed, stand in the order of their times, whichever file is named first."""
    moments = times(20)
    logs = [
        ("a.har", as_har(moments[::2])),
        ("a.log", access_log(map(access_line, moments[1::2]))),
        ("bad.log", access_log([access_line(START - timedelta(seconds=1), status=400)])),
    ]

    for order in (logs, logs[::-1]):
        found = judged(*order)
        assert (found.verdict, found.run) == ("passed", 20)


def test_the_same_call_in_two_files_counts_once() -> None:
    """Method, address, status and microsecond prove it where there is no trace. Within one file two lines are two."""
    moments = times(15)
    once = judged(("a.har", as_har(moments)))
    twice = judged(("a.har", as_har(moments)), ("b.har", as_har(moments)))
    within = judged(("a.har", as_har([*moments, *moments])))

    assert [(found.run, found.duplicates) for found in (once, twice, within)] == [(15, 0), (15, 15), (20, 0)]


def test_the_same_read_in_two_files_is_no_polling() -> None:
    """A read that two logs tell of was made once."""
    read = har([har_entry(START, "GET", f"https://x{ENVELOPE}", 200)])
    found = judged(("a.har", read), ("b.har", read), ("c.har", as_har(times(19))))

    assert (found.verdict, found.run, found.duplicates) == ("passed", 20, 1)


def test_calls_of_several_keys() -> None:
    """Whose to judge must be said; the others are left out, and so are calls that say no key."""
    both = [access_line(at) | {"key": key} for at in times(20) for key in (KEY, OTHER_KEY)]
    log = access_log([*both, access_line(START)])

    with pytest.raises(NoChoice) as caught:
        judged(("a.log", log))
    assert caught.value.known == {KEY: 20, OTHER_KEY: 20}
    found = judged(("a.log", log), asked=Asked(DEFAULT, KEY))
    assert (found.verdict, found.key, dict(found.reasons)) == ("passed", KEY, {OF_ANOTHER_KEY: 20, OF_NOBODY: 1})


def test_a_key_of_which_there_is_no_call() -> None:
    """It is refused, and the keys that there are can be named; where no call says a key, all are taken as its."""
    with pytest.raises(NoChoice):
        judged(("a.ndjson", as_own(times(20))), asked=Asked(DEFAULT, OTHER_KEY))
    assert judged(("a.log", a_log(good(20))), asked=Asked(DEFAULT, OTHER_KEY)).key == OTHER_KEY


# ── what the logs do not say ────────────────────────────────────────────────────────────────────────────────────────
def test_docusigns_own_logs_say_no_key() -> None:
    """The verdict is provisional, and says why."""
    found = judged(("logs.zip", twenty_request_logs()))

    assert (found.verdict, found.is_provisional, silences(found)) == ("passed", True, ["keys"])


def test_calls_without_a_time() -> None:
    """They stand in their order; what time alone can tell is not judged."""
    reads = {f"{number:02}_OK_GetEnvelope.txt": request_log(ENVELOPE, "GET", "200 OK", at=None) for number in range(20)}
    found = judged(("logs.zip", archive(reads)))

    assert (found.verdict, found.run, found.starts_at, silences(found)) == ("passed", 20, None, ["keys", "times"])
    verdicts = {rule["code"]: rule["verdict"] for rule in document(found)["rules"]}
    assert verdicts["no-polling"] == verdicts["within-a-day"] == verdicts["recent"] == "not judged"


def test_a_failure_is_one_without_times_too() -> None:
    """The last of the entries failed, so the run is over."""
    entries = {
        "00_Created_X.txt": request_log(ENVELOPES, at=None),
        "01_BadRequest_X.txt": request_log(ENVELOPES, answer="400 Bad Request", at=None),
    }

    assert judged(("logs.zip", archive(entries))).run == 0


def test_a_full_request_log() -> None:
    """After 50 requests logging ends, so the newest calls may be missing."""
    assert "full" in silences(judged(("logs.zip", twenty_request_logs(50))))
    assert "full" not in silences(judged(("logs.zip", twenty_request_logs(49))))


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([{"method": "GET", "uri": ENVELOPE, "status": 200, "at": START.timestamp()}], "queries"),
        ([access_line(START, "GET", f"{ENVELOPE}?token=[omitted]", 200)], "omissions"),
        ([access_line(START, "GET", ENVELOPE, 401)], "401"),
        (
            [access_line(START.replace(microsecond=0) + after, "GET", ENVELOPE, 200) for after in (timedelta(), GAP)],
            "seconds",
        ),
    ],
)
def test_what_a_line_leaves_open(lines: list[dict[str, Any]], code: str) -> None:
    """A query that is not logged, a part left out as secret, a 401, and whole seconds at the very limit."""
    late = [access_line(at + GAP) for at in times(18)]

    assert code in silences(judged(("a.log", access_log([*lines, *late]))))


def test_lines_as_our_api_shows_calls() -> None:
    """They say whether a call counted; of queries they say the names alone, which leaves reads open."""
    shown = [
        {"number": number, "at": at.isoformat(), "method": "GET", "url": f"{ENVELOPE}/documents?page=…", "status": 200,
         "key": KEY, "countable": True}
        for number, at in enumerate(times(2), start=1)
    ]  # fmt: skip
    found = judged(
        ("calls.ndjson", access_log([*shown, shown[0] | {"number": 3, "countable": False, "why_not": "so"}]))
    )

    assert (silences(found), dict(found.reasons)) == (["queries"], {"so": 1})


# ── hostile and broken ──────────────────────────────────────────────────────────────────────────────────────────────
SECRETS = ["kss_AbCdEfGhIjKlMnOpQrStUvWxYz012345", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "hunter2-hunter2"]


def test_no_secret_reaches_the_report() -> None:
    """Not from paths, queries, headers, codes, keys, traces or names of entries; nothing a terminal would act upon."""
    lines = [
        access_line(START, "GET", f"{ENVELOPE}/{secret}?password={secret}&{secret}=1", 404)
        | {"error_code": secret, "key": secret, "trace": secret, "authorization": f"Bearer {secret}"}
        for secret in SECRETS[:2]
    ]
    lines += [
        access_line(START, "GET", f"{ENVELOPE}?password={SECRETS[2]}&a=\x1b[31m", 404) | {"error_code": "\x1b[2J"}
    ]
    text = json.dumps(document(judged(("a.log", access_log(lines)))), ensure_ascii=False)

    assert [secret for secret in SECRETS if secret in text] == []
    assert "\x1b" not in text
    assert ENVELOPE in text


def test_a_line_that_cannot_be_read_ends_it() -> None:
    """Unless it is asked to be left out, which leaves the verdict open; the end of a growing log is no such line."""
    log = a_log(good(20))
    broken = log.replace(b'{"at"', b'{"at', 1)

    with pytest.raises(Unreadable) as caught:
        judged(("a.log", log + b"{broken\n" + log))
    assert caught.value.where == "a.log, line 21"
    assert "--skip-unreadable" in caught.value.next_step
    assert "unread" in silences(judged(("a.log", log + broken), skips=True))
    assert "unread" not in silences(judged(("a.log", log + b'{"at":17')))


signs = st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b", b'{"log":', b"GET /a\n"])


@given(st.builds(bytes.__add__, signs, st.binary(max_size=300)))
@example(b"{}")
@example(b'{"keysteward_call":1}')
@example(b'{"keysteward_call":1,"at":"x"}\n{}')
@example(b'{"log":{"entries":[{"request":{"method":"","url":""},"response":{"status":1e300}}]}}')
@example(b'{"method":"GET","url":"//[","status":200,"at":1e300}')
@example(b"\xff\xfeG\0E\0T\0")
def test_whatever_comes_is_judged_or_refused(content: bytes) -> None:
    """No bytes lead to anything but a verdict, or a refusal."""
    with suppress(Unreadable):
        assert judged(("file", content)).verdict == "failed"


def test_time_moves_no_recorded_call() -> None:
    """Our own calls stand in the order of their numbers, whatever their times say: a clock may have been set back."""
    moments = [*times(20), START - timedelta(hours=1)]
    calls = [a_call(at=at, sequence=number) for number, at in enumerate(moments, start=1)]
    lines = [own_lines.line_of(replace(call, status=400 if call.sequence == 21 else 201)) for call in calls]

    assert judged(("calls.ndjson", b"".join(lines))).run == 0


def test_a_line_of_a_later_version() -> None:
    """It is refused rather than misread."""
    line = own_lines.line_of(a_call(at=NOW)).replace(b'"keysteward_call":1', b'"keysteward_call":2')

    with pytest.raises(Unreadable, match="of another version"):
        judged(("calls.ndjson", line))
