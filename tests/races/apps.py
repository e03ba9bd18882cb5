"""Who races over keys and what hangs on them?"""

from collections import Counter
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial

from keysteward.actions import addresses, advice, callers, credentials, golive, keys, leaks, promotion, usage
from keysteward.crypto.signing import generate_keypair
from keysteward.rules.access import Actor
from keysteward.rules.leaks import Found
from keysteward.rules.refusals import BAD_TOKEN
from tests.cast import ACME, ADA, BO, SAM, refused
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]

DRAFT = keys.Draft("Racer", "team@acme.example")


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@race(keys.create)
def an_account_has_no_more_keys_than_it_may(on: Ground) -> Story:
    """With room for nine more, nine of a hundred are made."""
    ctx = on.demo.under(replace(on.demo.policy, keys_per_account=10))
    came = yield lambda _: keys.create(ctx, on.ada, ACME.demo, DRAFT)

    assert (len(came.answers), came.refusals) == (9, Counter({"too-many-keys": 91}))
    assert len({app.key for app in came.answers}) == 9


@race(keys.change)
def one_of_those_who_saw_it_changes_it(on: Ground) -> Story:
    """Of a hundred who change what they saw, one does; the others look again."""
    seen = on.made.app.version
    came = yield lambda number: keys.change(on.demo, on.ada, on.key, keys.Change(name=f"Name {number}", version=seen))

    assert came.once("changed-meanwhile").version == seen + 1


@race(keys.change)
def no_change_is_lost(on: Ground) -> Story:
    """A hundred who each change one of three settings: all changes count, and none takes another setting along."""
    came = yield taking_turns(
        lambda number: keys.change(on.demo, on.ada, on.key, keys.Change(name=f"Name {number}")),
        lambda number: keys.change(on.demo, on.ada, on.key, keys.Change(contact=f"team{number}@acme.example")),
        lambda number: keys.change(on.demo, on.ada, on.key, keys.Change(privacy_url=f"https://acme.example/{number}")),
    )

    newest = max(came.answers, key=lambda app: app.version)
    assert (came.refusals, newest.version) == (Counter(), on.made.app.version + 100)
    assert keys.view(on.demo, on.ada, on.key).app == newest
    assert (newest.name[:5], newest.contact[:4], newest.privacy_url[:21]) == ("Name ", "team", "https://acme.example/")


@race(advice.keep)
def every_advice_is_kept(on: Ground) -> Story:
    """Of a hundred who keep advice with one app the newest shows, and the others stay in its history."""
    listens, answers = {"calls": "listener"}, {"calls": "api", "owner": "own", "place": "client"}
    came = yield taking_turns(
        lambda _: advice.keep(on.demo, on.ada, on.key, listens), lambda _: advice.keep(on.demo, on.ada, on.key, answers)
    )

    kept = advice.find(on.demo, on.ada, on.key)
    assert (came.refusals, events_of(on.demo, "AdviceKept")) == (Counter(), 100)
    assert kept is not None
    assert kept.answers in (listens, answers)


@race(keys.stop, keys.start, keys.change, keys.delete, keys.restore, keys.revoke_tokens, promotion.present,
      golive.start_review)  # fmt: skip
def everybody_handles_one_key(on: Ground) -> Story:
    """Two admins stop, start, change, delete, restore, revoke and promote one key: every state it passed was legal."""
    on.town.pass_review(on.made)
    before = keys.view(on.demo, on.ada, on.key).app
    people = (on.ada, on.town.actor(BO))

    def by(number: int) -> Actor:
        return people[number // 8 % 2]

    came = yield taking_turns(
        lambda number: keys.stop(on.demo, by(number), on.key),
        lambda number: keys.change(on.demo, by(number), on.key, keys.Change(name=f"Name {number}")),
        lambda number: keys.start(on.demo, by(number), on.key),
        lambda number: keys.delete(on.demo, by(number), on.key),
        lambda number: keys.revoke_tokens(on.demo, by(number), on.key),
        lambda number: keys.restore(on.demo, by(number), on.key),
        lambda number: promotion.present(on.demo, by(number), on.key, None),
        lambda number: golive.start_review(on.demo, by(number), on.key),
    )

    after = keys.view(on.demo, on.ada, on.key).app
    assert set(came.refusals) <= {"key-deleted", "key-not-deleted", "already-passed"}
    stops = events_of(on.demo, "KeyStopped") - events_of(on.demo, "KeyStarted")
    gone = events_of(on.demo, "KeyDeleted") - events_of(on.demo, "KeyRestored")
    assert (stops, gone) == (int(after.stopped_at is not None), int(after.deleted_at is not None))
    assert after.version > before.version


@race(keys.delete, keys.restore)
def what_is_deleted_once_is_restored_once(on: Ground) -> Story:
    """Deleting and restoring take turns, however they race."""
    came = yield taking_turns(
        lambda _: keys.delete(on.demo, on.ada, on.key), lambda _: keys.restore(on.demo, on.ada, on.key)
    )

    deleted, restored = events_of(on.demo, "KeyDeleted"), events_of(on.demo, "KeyRestored")
    assert len(came.answers) == deleted + restored
    assert 0 <= deleted - restored <= 1
    assert set(came.refusals) <= {"key-deleted", "key-not-deleted"}


@race(keys.stop)
def a_key_stops_once(on: Ground) -> Story:
    """A hundred who stop a key stop it once; all are told that it is stopped."""
    came = yield lambda _: keys.stop(on.demo, on.ada, on.key)

    assert (len(came.answers), events_of(on.demo, "KeyStopped")) == (100, 1)
    assert {app.stopped_at for app in came.answers} == {on.town.clock.now}


@race(keys.start)
def a_key_starts_once(on: Ground) -> Story:
    """Likewise when it is started."""
    keys.stop(on.demo, on.ada, on.key)
    came = yield lambda _: keys.start(on.demo, on.ada, on.key)

    assert (len(came.answers), events_of(on.demo, "KeyStarted")) == (100, 1)


@race(keys.revoke_tokens)
def every_revocation_counts(on: Ground) -> Story:
    """A hundred revocations raise the least epoch a hundred times; what a token needs is what the last one said."""
    came = yield lambda _: keys.revoke_tokens(on.demo, on.ada, on.key)

    assert (len(came.answers), events_of(on.demo, "TokensRevoked")) == (100, 100)
    assert keys.view(on.demo, on.ada, on.key).app.least_epoch == on.demo.database.known_epoch


@race(keys.waive_implicit, keys.change, keys.stop)
def a_waiver_among_changes(on: Ground) -> Story:
    """Waivers, changes and stops of a key in production all count, and none undoes another."""
    live = on.town.go_live(on.made)
    ada = on.town.actor(ADA, on.production)
    until = on.production.now + timedelta(days=30)
    came = yield taking_turns(
        lambda number: keys.waive_implicit(on.production, ada, live.key, f"Reason {number}.", until),
        lambda number: keys.change(on.production, ada, live.key, keys.Change(name=f"Name {number}")),
        lambda _: keys.stop(on.production, ada, live.key),
    )

    app = keys.view(on.production, ada, live.key).app
    assert (len(came.answers), app.implicit_until, app.stopped_at) == (100, until, on.production.now)
    assert app.name.startswith("Name ")


# ── what an app proves itself with ──────────────────────────────────────────────────────────────────────────────────
@race(credentials.add_secret)
def ten_secrets_at_most(on: Ground) -> Story:
    """With room for nine more, nine of a hundred are made."""
    came = yield lambda _: credentials.add_secret(on.demo, on.ada, on.key)

    assert (len(came.answers), came.refusals) == (9, Counter({"too-many-secrets": 91}))


@race(credentials.add_secret, credentials.delete_secret)
def secrets_come_and_go(on: Ground) -> Story:
    """While one secret key is deleted again and again, others are made; it goes once, and there are never too many."""
    (first,) = keys.view(on.demo, on.ada, on.key).settings.secrets
    came = yield taking_turns(
        lambda _: credentials.add_secret(on.demo, on.ada, on.key),
        lambda _: credentials.delete_secret(on.demo, on.ada, on.key, first.id),
    )

    assert events_of(on.demo, "SecretDeleted") == 1
    assert came.refusals["no-such-object"] == 49
    left = keys.view(on.demo, on.ada, on.key).settings.secrets
    assert {secret.id for secret in left} == {each.secret.id for each in came.answers if each is not None}


@race(credentials.declare_secret)
def one_value_is_one_apps(on: Ground) -> Story:
    """A hundred who declare one value for two apps: one app has it."""
    other = keys.create(on.demo, on.ada, ACME.demo, DRAFT).key
    apps = (on.key, other)
    came = yield lambda number: credentials.declare_secret(
        on.demo, on.ada, apps[number % 2], "a-given-secret-of-theirs"
    )

    came.once("invalid-field")


@cache
def public_keys() -> tuple[str, ...]:
    """Some public keys; making one takes a while."""
    return tuple(generate_keypair()[1] for _ in range(8))


@race(credentials.add_public_key)
def five_keypairs_at_most(on: Ground) -> Story:
    """With room for four more, four of eight public keys that a hundred bring are taken, each once."""
    pems = public_keys()
    came = yield lambda number: credentials.add_public_key(on.demo, on.ada, on.key, pems[number % len(pems)])

    assert len(came.answers) == len({keypair.thumbprint for keypair in came.answers}) == 4
    assert set(came.refusals) <= {"too-many-keypairs", "keypair-exists"}


@race(credentials.add_public_key, credentials.delete_keypair)
def a_keypair_goes_once(on: Ground) -> Story:
    """While a keypair is deleted again and again, another is brought; the one goes once, the other comes once."""
    (first,) = keys.view(on.demo, on.ada, on.key).settings.keypairs
    pem = public_keys()[0]  # here: threads that ask for it together would each make their own
    came = yield taking_turns(
        lambda _: credentials.add_public_key(on.demo, on.ada, on.key, pem),
        lambda _: credentials.delete_keypair(on.demo, on.ada, on.key, first.id),
    )

    assert came.refusals == Counter({"keypair-exists": 49, "no-such-object": 49})


@race(credentials.add_generated_keypair, times=20)
def five_generated_keypairs_at_most(on: Ground) -> Story:
    """With room for four more, four of twenty are generated and kept."""
    came = yield lambda _: credentials.add_generated_keypair(on.demo, on.ada, on.key)

    assert (len(came.answers), came.refusals) == (4, Counter({"too-many-keypairs": 16}))


@race(leaks.report_secret)
def a_leak_is_reported_once(on: Ground) -> Story:
    """Of a hundred who say that one secret key leaked, one gets another; it dies once, at one minute."""
    (first,) = keys.view(on.demo, on.ada, on.key).settings.secrets
    came = yield lambda number: leaks.report_secret(
        on.demo, on.ada, on.key, first.id, on.demo.now + timedelta(minutes=number + 1)
    )

    new = came.once("already-leaked").secret
    after = {secret.id: secret.expires_at for secret in keys.view(on.demo, on.ada, on.key).settings.secrets}
    (leak,) = usage.view(on.demo, on.ada, on.key).leaks
    assert (after, events_of(on.demo, "SecretLeaked")) == ({first.id: leak.dies_at, new.id: None}, 1)


@race(leaks.report_keypair, times=20)
def a_leaked_keypair_is_replaced_once(on: Ground) -> Story:
    """Likewise for a keypair, of twenty."""
    (first,) = keys.view(on.demo, on.ada, on.key).settings.keypairs
    came = yield lambda _: leaks.report_keypair(on.demo, on.ada, on.key, first.id)

    came.once("already-leaked")
    assert events_of(on.demo, "KeypairLeaked") == 1


@race(leaks.take_report, leaks.report_secret, credentials.delete_secret)
def a_leak_is_reported_by_all(on: Ground) -> Story:
    """Found, reported and deleted at once, a secret key ends once in each way at most, and dies with its tokens."""
    (first,) = keys.view(on.demo, on.ada, on.key).settings.secrets
    answer = on.town.sign_in_with(on.demo, on.made, SAM)
    found = [Found(on.made.secret), Found(answer.refresh_token or "")]
    came = yield taking_turns(
        lambda _: leaks.take_report(on.demo, found),
        lambda _: leaks.report_secret(on.demo, on.ada, on.key, first.id),
        lambda _: credentials.delete_secret(on.demo, on.ada, on.key, first.id),
    )

    assert set(came.refusals) <= {"already-leaked", "no-such-object"}
    assert (events_of(on.demo, "SecretLeaked") <= 1, events_of(on.demo, "SecretDeleted")) == (True, 1)
    assert events_of(on.demo, "FamilyKilled") == 1
    with refused(BAD_TOKEN):
        callers.recognize(on.demo, answer.access_token)


# ── where an app is answered ────────────────────────────────────────────────────────────────────────────────────────
@race(addresses.add_redirect_uri, addresses.remove_redirect_uri)
def redirect_uris_have_a_limit(on: Ground) -> Story:
    """With room for nine more, nine of fifty come, while one that is there goes once."""
    ctx = on.demo.under(replace(on.demo.policy, redirect_uris_per_key=11))
    addresses.add_redirect_uri(ctx, on.ada, on.key, "https://old.example/")
    came = yield taking_turns(
        lambda number: addresses.add_redirect_uri(ctx, on.ada, on.key, f"https://new.example/{number}"),
        lambda _: addresses.remove_redirect_uri(ctx, on.ada, on.key, "https://old.example/"),
    )

    left = keys.view(on.demo, on.ada, on.key).settings.redirect_uris
    assert (came.refusals["no-such-object"], len(left) in {10, 11}) == (49, True)
    assert events_of(on.demo, "RedirectUriAdded") - events_of(on.demo, "RedirectUriRemoved") == len(left)


@race(addresses.add_origin, addresses.remove_origin)
def origins_have_a_limit(on: Ground) -> Story:
    """Likewise for origins."""
    ctx = on.demo.under(replace(on.demo.policy, origins_per_key=10))
    addresses.add_origin(ctx, on.ada, on.key, "https://old.example")
    came = yield taking_turns(
        lambda number: addresses.add_origin(ctx, on.ada, on.key, f"https://new{number}.example"),
        lambda _: addresses.remove_origin(ctx, on.ada, on.key, "https://old.example"),
    )

    left = keys.view(on.demo, on.ada, on.key).settings.origins
    assert (came.refusals["no-such-object"], len(left) in {9, 10}) == (49, True)
    assert events_of(on.demo, "OriginAdded") - events_of(on.demo, "OriginRemoved") == len(left)


def _same(on: Ground, deed: Runner) -> Story:
    came = yield deed

    came.once("already-there", "no-such-object")


@race(addresses.add_redirect_uri)
def one_redirect_uri_comes_once(on: Ground) -> Story:
    """A hundred who register one redirect URI register it once."""
    return _same(on, lambda _: addresses.add_redirect_uri(on.demo, on.ada, on.key, "https://new.example/"))


@race(addresses.remove_redirect_uri)
def one_redirect_uri_goes_once(on: Ground) -> Story:
    """A hundred who remove one remove it once."""
    addresses.add_redirect_uri(on.demo, on.ada, on.key, "https://new.example/")
    return _same(on, lambda _: addresses.remove_redirect_uri(on.demo, on.ada, on.key, "https://new.example/"))


@race(addresses.add_origin)
def one_origin_comes_once(on: Ground) -> Story:
    """Likewise for an origin."""
    return _same(on, lambda _: addresses.add_origin(on.demo, on.ada, on.key, "https://new.example"))


@race(addresses.remove_origin)
def one_origin_goes_once(on: Ground) -> Story:
    """Likewise when it goes."""
    addresses.add_origin(on.demo, on.ada, on.key, "https://new.example")
    return _same(on, partial(_remove_origin, on))


def _remove_origin(on: Ground, _: int) -> None:
    addresses.remove_origin(on.demo, on.ada, on.key, "https://new.example")
