"""Do the fixtures of `pytest-keysteward` give other people's tests what its README promises?"""

import re
import shutil
import textwrap
import tomllib
from pathlib import Path

import pytest
from pytest_keysteward.golive import Readiness, Verdict

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
README = (ROOT / "pytest-keysteward" / "README.md").read_text()
ALONE = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest")

SEED = """
[[demo.accounts]]
name = "Acme"

[[demo.users]]
email = "ada@acme.example"

[[demo.gateways]]
name = "edge"

[[demo.organizations]]
name = "Acme Group"
domains = [{ name = "acme.test", state = "pending" }]

[[production.accounts]]
name = "Acme"

[[production.users]]
email = "ada@acme.example"
"""

INTEGRATION = """
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import json
import ssl

import jwt

HOST = os.environ["DS_AUTH_HOST"]
TRUST = ssl.create_default_context(cafile=os.environ["DS_CA_FILE"])


def ask(path, data=None, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"https://{HOST}{path}", data, headers)
    with urllib.request.urlopen(request, context=TRUST) as answer:
        return json.load(answer)


def token():
    now = int(time.time())
    said = {"iss": os.environ["DS_INTEGRATION_KEY"], "sub": os.environ["DS_USER_ID"], "aud": HOST, "iat": now,
            "exp": now + 600, "scope": "signature impersonation"}
    with open(os.environ["DS_PRIVATE_KEY_FILE"]) as file:
        assertion = jwt.encode(said, file.read(), "RS256")
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    while True:
        try:
            return ask("/oauth/token", urllib.parse.urlencode(form).encode())["access_token"]
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise


granted = token()
account = ask("/oauth/userinfo", token=granted)["accounts"][0]["account_id"]
for _ in range(int(os.environ.get("CALLS", "20"))):
    ask(f"/restapi/v2.1/accounts/{account}/envelopes?from_date=2026-01-01", token=granted)
"""

OWN_TESTS = """
import http.client
import os
import subprocess
import sys
import urllib.error
from datetime import UTC, datetime, timedelta

import pytest
from pytest_keysteward import Refused
from pytest_keysteward.dns import NotClaimed


def run(app, calls=20):
    environ = {**os.environ, **app.environ, "CALLS": str(calls)}
    return subprocess.run([sys.executable, "our_integration.py"], env=environ, capture_output=True, text=True)


def test_environ_is_set_for_one_test(keysteward, keysteward_environ):
    assert os.environ["DS_AUTH_HOST"] == keysteward.environ["DS_AUTH_HOST"]
    assert keysteward.demo.get("/api/v1/me")["environment"] == "demo"
    assert keysteward.production.get("/api/v1/me")["environment"] == "production"
    assert keysteward.declared["demo"]["gateways"][0]["credential"].startswith("ksg_")


def test_environ_is_gone():
    assert "DS_AUTH_HOST" not in os.environ


def test_the_clock_moves(keysteward_clock):
    before = keysteward_clock.now
    assert keysteward_clock.advance(days=3) >= before + timedelta(days=3)
    assert keysteward_clock.set(datetime(2030, 1, 1, tzinfo=UTC)).year == 2030
    with pytest.raises(ValueError, match="zone"):
        keysteward_clock.set(datetime(2030, 1, 1))


def test_the_clock_is_back(keysteward_clock):
    assert (keysteward_clock.offset_seconds, keysteward_clock.now.year < 2030) == (0, True)


def test_an_app_is_as_it_was_asked_for(keysteward, keysteward_app):
    app = keysteward_app(
        name="Plain", grants=["jwt"], redirect_uris=["https://a.example/"], secret=False, privacy_url="https://a.example/p"
    )
    shown = keysteward.demo.get(f"/api/v1/keys/{app.key}")
    assert (shown["name"], shown["grants"], shown["privacy_url"]) == ("Plain", ["jwt"], "https://a.example/p")
    assert (app.secret, "DS_SECRET_KEY" in app.environ, app.environ["DS_REDIRECT_URI"]) == (None, False, "https://a.example/")
    assert run(app, 1).returncode == 0
    nobody = keysteward_app(consent=(), redirect_uris=(), keypair=False)
    assert nobody.secret.startswith("kss_") and "DS_PRIVATE_KEY_FILE" not in nobody.environ
    with pytest.raises(ValueError, match="redirect URI"):
        keysteward_app(redirect_uris=())
    with pytest.raises(Refused, match="422|400"):
        keysteward_app(name=" ")


def test_a_pass_expires(keysteward_app, keysteward_clock, go_live):
    app = keysteward_app()
    failed = go_live.review(app.key)
    assert (failed.passed, failed.status, failed.findings[0]["rule"]) == (False, "Review Failed", "calls-in-a-row")
    run(app)
    assert go_live.review(app.key).passed
    with pytest.raises(Refused, match="409"):
        go_live.review(app.key)
    keysteward_clock.advance(days=95)  # when the twin's personal token has expired too
    assert go_live(app.key).status == "Review Expired"
    with pytest.raises(AssertionError, match="still Under Review.*keysteward_clock"):
        go_live.review(app.key, timeout=0)


def test_answers_are_dropped(keysteward_app, keysteward_faults, go_live):
    app = keysteward_app()
    keysteward_faults(key=app.key, count=1, drop="before-head")
    ended = run(app, 1)
    assert "RemoteDisconnected" in ended.stderr
    assert [each["hits"] for each in keysteward_faults.listed()] == [1]
    assert go_live(app.key).run == 1


def test_faults_are_gone(keysteward_faults):
    assert keysteward_faults.listed() == []


def test_a_domain_is_proved_and_lapses(keysteward_dns):
    assert keysteward_dns.check("acme.test") == "pending"
    assert keysteward_dns.prove("acme.test") == "active"
    keysteward_dns.fail("acme.test", "timeout")
    assert keysteward_dns.check("Acme.test") == "active"
    keysteward_dns.publish("acme.test", "v=spf1 -all")
    assert keysteward_dns.check("acme.test") == "lapsed"
    with pytest.raises(NotClaimed, match="acme.example"):
        keysteward_dns.prove("acme.example")


def test_dns_is_as_before(keysteward_dns):
    assert keysteward_dns.listed() == {}


def test_it_is_not_ready(keysteward_app, go_live):
    app = keysteward_app()
    run(app, 13)
    go_live.assert_ready(app.key)
"""


def readme_example(name: str) -> str:
    """A file that the README shows."""
    found = re.search(rf"```python\n# {re.escape(name)}\n(.*?)```", README, re.DOTALL)
    assert found, name
    return found[1]


@pytest.mark.timeout(300)  # pytest, a twin and ten programs, on a machine that may be busy
def test_the_fixtures_keep_their_promises(pytester: pytest.Pytester) -> None:
    """Each of them, and the README's own example, with one twin and a program that calls as programs do.

    The twin was seeded with a file of the configuration. One test fails on purpose: with the table of the rules.
    """
    pytester.makefile(".toml", seed=SEED)
    pytester.makefile(".ini", pytest="[pytest]\nkeysteward_seed = seed.toml\n")
    pytester.makepyfile(our_integration=INTEGRATION, test_own=textwrap.dedent(OWN_TESTS))
    pytester.makepyfile(test_go_live=readme_example("test_go_live.py"))

    result = pytester.runpytest_subprocess(*ALONE, timeout=280)

    result.assert_outcomes(passed=12, failed=1)
    result.stdout.fnmatch_lines([
        "E *is not ready: 13 of 20", "E *calls-in-a-row  20 calls *13 of 20 *7 calls short*waiting",
        "E *calls-in-a-row: 13 of 20 calls in a row succeeded*",
    ])  # fmt: skip
    result.stdout.no_fnmatch_line("*golive.py*")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no-such-command", "no-such-command cannot be run: No such file or directory. Install it beside pytest"),
        ("false", "it ended with status 1, and said:"),
    ],
)
def test_what_cannot_be_started_is_said_plainly(pytester: pytest.Pytester, command: str, said: str) -> None:
    """Every test that wants the twin is told why there is none, without a stack trace."""
    assert shutil.which("false")
    pytester.makefile(".ini", pytest=f"[pytest]\nkeysteward_command = {command}\n")
    pytester.makepyfile("def test_it(go_live):\n    pass\n")

    result = pytester.runpytest_inprocess(*ALONE)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"No twin was started: {said}*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*another exception*")


def test_the_guide_installs_what_there_is() -> None:
    """The extra that guide and README name brings the fixtures, under the name that their own folder gives them."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    own = tomllib.loads((ROOT / "pytest-keysteward" / "pyproject.toml").read_text())["project"]
    line = 'pip install "keysteward[pytest]"'

    assert extras["pytest"] == [own["name"]] == ["pytest-keysteward"]
    assert all(line in text for text in (README, (ROOT / "docs" / "guides" / "ci.md").read_text()))


def test_what_is_found_reads_as_a_table() -> None:
    """A line for each rule, and one for each finding with what to do next."""
    finding = {"rule": "calls-in-a-row", "sentence": "13 of 20.", "next_step": "Make 7 more."}
    rules = [{"code": "calls-in-a-row", "limit": "20", "observed": "13", "margin": "7 short", "verdict": "not_met"}]
    readiness = Readiness("k", "not ready", 13, 20, [finding], {"rules": rules})

    assert str(readiness).splitlines() == [
        "k is not ready: 13 of 20",
        "rule            limit  observed  margin   verdict",
        "--------------  -----  --------  -------  -------",
        "calls-in-a-row  20     13        7 short  not met",
        "calls-in-a-row: 13 of 20. Make 7 more.",
    ]
    assert str(Verdict("k", "Review Failed", [finding], {})).splitlines() == [
        "k: Review Failed",
        "calls-in-a-row: 13 of 20. Make 7 more.",
    ]
