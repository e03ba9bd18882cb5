"""Does what a file says of leaks come true: what leaked is dead, and what stands in its place works?"""

import json
from datetime import timedelta
from pathlib import Path

from keysteward.actions import callers, usage
from keysteward.rules.refusals import INVALID_CLIENT
from tests.cast import CALLBACK, START, Made, Town, refused, rsa_keypair
from tests.twin.declaring import SMALL, ada, ada_of, app_in, apply, mistaken, snapshots

HOUR = timedelta(hours=1)
KNOWN = "known-to-everybody"
URI = f'redirect_uris = ["{CALLBACK}"]\n'


def test_what_leaked_is_dead_and_another_one_works(empty: Town, tmp_path: Path) -> None:
    """What the play tells is the one in its place; it says why it was made."""
    leak = '{ reported = "2 hours", reason = "It was on a slide." }'
    made = apply(empty, tmp_path, SMALL + URI + f'secrets = [{{ value = "{KNOWN}", leaked = {leak} }}, {{}}]\n')
    found = app_in(snapshots(empty)[0])
    told = made["demo"].apps[found.app.key].secrets

    assert (len(told), KNOWN in told) == (2, False)
    for value in told:
        answer = empty.sign_in_with(empty.demo, Made(found.app, value, ""), ada_of(empty))
        assert callers.recognize(empty.demo, answer.access_token).app.key == found.app.key
    with refused(INVALID_CLIENT):
        empty.sign_in_with(empty.demo, Made(found.app, KNOWN, ""), ada_of(empty))
    reported = found.leaks[0].leak
    assert (reported.reported_at, reported.dies_at) == (START - 2 * HOUR, START - 2 * HOUR)
    assert sorted(secret.reason for secret in found.settings.secrets) == ["", "", "It was on a slide."]


def test_what_leaked_may_work_for_a_day(empty: Town, tmp_path: Path) -> None:
    """A time to live is counted from the report; the other one may leak too, and be deleted."""
    again = '{ reported = "1 hour", dies = "3 hours", successor = { deleted = true } }'
    first = f'{{ reported = "2 hours", dies = "12 hours", by = "bo@acme.example", successor = {{ leaked = {again} }} }}'
    bo = '[[demo.users]]\nemail = "bo@acme.example"\n'
    apply(empty, tmp_path, SMALL + URI + f'secrets = [{{ value = "{KNOWN}", leaked = {first} }}]\n{bo}')
    found = app_in(snapshots(empty)[0])

    empty.sign_in_with(empty.demo, Made(found.app, KNOWN, ""), ada_of(empty))
    assert [(each.leak.reported_by, each.leak.dies_at - START) for each in found.leaks] == [
        ("ada@acme.example", 2 * HOUR),
        ("bo@acme.example", 10 * HOUR),
    ]
    assert [secret.expires_at for secret in found.settings.secrets] == [START + 10 * HOUR, START + 2 * HOUR]


def test_keypairs_leak_and_values_are_found(empty: Town, tmp_path: Path) -> None:
    """The other keypair is generated; a secret key that somebody found is dead, and none stands in its place."""
    pairs = f"keypairs = [{{ public_key = {json.dumps(rsa_keypair()[1])}, leaked = {{}} }}]\n"
    found_at = 'secrets = [{ leaked = { found_at = "https://gist.example/1" } }]\n'
    told = apply(empty, tmp_path, SMALL + pairs + found_at)["demo"]
    app = app_in(snapshots(empty)[0]).app
    pair = told.apps[app.key].keypairs[0]
    use = usage.view(empty.demo, ada(empty), app.key)

    assert pair.private_pem is not None
    assert {(leak.kind, leak.reported_by, leak.found_at) for leak in use.leaks} == {
        ("keypair", "ada@acme.example", ""),
        ("secret key", "leak report", "https://gist.example/1"),
    }
    assert len(app_in(snapshots(empty)[0]).settings.secrets) == 1


def test_what_has_another_shape_cannot_be_found(empty: Town, tmp_path: Path) -> None:
    """The endpoint for reports knows secret keys by their shape, and so does the seed."""
    with mistaken(
        "demo.apps[0].secrets[0].leaked: nobody can report it so: it has not the shape of those that are made here."
    ):
        apply(empty, tmp_path, SMALL + f'secrets = [{{ value = "{KNOWN}", leaked = {{ found_at = "" }} }}]\n')


def test_nothing_leaks_behind_a_rule(empty: Town, tmp_path: Path) -> None:
    """What leaked lives for a day at most."""
    with mistaken("demo.apps[0].secrets[0].leaked.dies: choose a moment within the next 24 hours."):
        apply(empty, tmp_path, SMALL + 'secrets = [{ leaked = { dies = "2 days" } }]\n')
