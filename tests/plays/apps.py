"""How is each deed on an app played?"""

from collections.abc import Callable
from datetime import timedelta

from keysteward.actions import addresses, advice, credentials, keys, leaks, signin
from keysteward.actions.context import Context
from keysteward.rules.access import READ_KEYS, Actor
from keysteward.rules.events import Name
from keysteward.rules.leaks import REPORTER, Found
from tests.cast import ACME, ADA, PASSWORD, SAM, UNKNOWN, rsa_keypair
from tests.plays.stage import Play, Scene, Stage, Told


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def create_key(on: Stage) -> Scene:
    """A new app."""
    draft = keys.Draft("New", "team@acme.example", key=UNKNOWN)
    told = Told("KeyCreated", ADA.email, UNKNOWN, ACME.demo)
    return Scene(on.demo, lambda: keys.create(on.demo, on.ada, ACME.demo, draft), told)


def change_key(on: Stage) -> Scene:
    """Another name."""
    wanted = keys.Change(name="Leases")
    return Scene(on.demo, lambda: keys.change(on.demo, on.ada, on.made.key, wanted), on.of_key("KeySettingsChanged"))


def on_key(deed: Callable[[Context, Actor, str], object], name: Name) -> Play:
    """A deed that needs nothing but the key."""
    return lambda on: Scene(on.demo, lambda: deed(on.demo, on.ada, on.made.key), on.of_key(name))


def start_key(on: Stage) -> Scene:
    """A stopped key is started."""
    keys.stop(on.demo, on.ada, on.made.key)
    return on_key(keys.start, "KeyStarted")(on)


def stop_twice(on: Stage) -> Scene:
    """A stopped key is stopped."""
    keys.stop(on.demo, on.ada, on.made.key)
    return on_key(keys.stop, "KeyStopped")(on)._replace(told=None)


def restore_key(on: Stage) -> Scene:
    """A deleted key comes back."""
    keys.delete(on.demo, on.ada, on.made.key)
    return on_key(keys.restore, "KeyRestored")(on)


def waive_implicit(on: Stage) -> Scene:
    """The implicit grant in production, for a day."""
    live = on.town.go_live(on.made)
    ctx, actor = on.town.production, on.town.actor(ADA, on.town.production)
    until = ctx.now + timedelta(days=1)
    told = Told("ImplicitWaived", ADA.email, live.key, ACME.production)
    return Scene(ctx, lambda: keys.waive_implicit(ctx, actor, live.key, "A reason.", until), told)


def with_text(deed: Callable[[Context, Actor, str, str], object], text: str, name: Name) -> Play:
    """A deed on a key that takes one text."""
    return lambda on: Scene(on.demo, lambda: deed(on.demo, on.ada, on.made.key, text), on.of_key(name))


def remove_redirect_uri(on: Stage) -> Scene:
    """A redirect URI goes."""
    addresses.add_redirect_uri(on.demo, on.ada, on.made.key, "https://gone.example/")
    return with_text(addresses.remove_redirect_uri, "https://gone.example/", "RedirectUriRemoved")(on)


def remove_origin(on: Stage) -> Scene:
    """An origin goes."""
    addresses.add_origin(on.demo, on.ada, on.made.key, "https://gone.example")
    return with_text(addresses.remove_origin, "https://gone.example", "OriginRemoved")(on)


def keep_advice(on: Stage) -> Scene:
    """Advice is kept with the app."""
    answers = {"calls": "powerform"}
    return Scene(on.demo, lambda: advice.keep(on.demo, on.ada, on.made.key, answers), on.of_key("AdviceKept"))


def add_secret(on: Stage) -> Scene:
    """A new secret key."""
    return Scene(on.demo, lambda: credentials.add_secret(on.demo, on.ada, on.made.key), on.of_key("SecretAdded"))


def delete_secret(on: Stage) -> Scene:
    """A secret key goes."""
    secret = credentials.add_secret(on.demo, on.ada, on.made.key).secret.id
    return with_text(credentials.delete_secret, secret, "SecretDeleted")(on)


def add_keypair(on: Stage) -> Scene:
    """A public key for an app that has none."""
    bare = keys.create(on.demo, on.ada, ACME.demo, keys.Draft("Bare", "team@acme.example")).key
    told = Told("KeypairAdded", ADA.email, bare, ACME.demo)
    pem = rsa_keypair()[1]
    return Scene(on.demo, lambda: credentials.add_public_key(on.demo, on.ada, bare, pem), told)


def delete_keypair(on: Stage) -> Scene:
    """A keypair goes."""
    keypair = keys.view(on.demo, on.ada, on.made.key).settings.keypairs[0].id
    return with_text(credentials.delete_keypair, keypair, "KeypairDeleted")(on)


def report_secret(on: Stage) -> Scene:
    """A secret key leaked, say its admins."""
    secret = keys.view(on.demo, on.ada, on.made.key).settings.secrets[0].id
    told = on.of_key("SecretLeaked")
    return Scene(on.demo, lambda: leaks.report_secret(on.demo, on.ada, on.made.key, secret), told)


def report_keypair(on: Stage) -> Scene:
    """A keypair leaked."""
    keypair = keys.view(on.demo, on.ada, on.made.key).settings.keypairs[0].id
    told = on.of_key("KeypairLeaked")
    return Scene(on.demo, lambda: leaks.report_keypair(on.demo, on.ada, on.made.key, keypair), told)


def find_secret(on: Stage) -> Scene:
    """Somebody found a secret key."""
    found = [Found(on.made.secret)]
    return Scene(on.demo, lambda: leaks.take_report(on.demo, found), on.of_key("SecretLeaked", REPORTER))


def find_refresh_token(on: Stage) -> Scene:
    """Somebody found a refresh token."""
    found = [Found(on.town.sign_in_with(on.demo, on.made, SAM).refresh_token or "")]
    return Scene(on.demo, lambda: leaks.take_report(on.demo, found), on.of_key("FamilyKilled", "system"))


def find_personal_token(on: Stage) -> Scene:
    """Somebody found a personal access token."""
    found = [Found(signin.issue_personal_token(on.demo, on.ada, "CI", frozenset({READ_KEYS}), 1))]
    told = Told("PersonalTokenRevoked", REPORTER, "", "")
    return Scene(on.demo, lambda: leaks.take_report(on.demo, found), told)


def find_session(on: Stage) -> Scene:
    """Somebody found a session."""
    found = [Found(signin.sign_in(on.demo, ADA.email, PASSWORD))]
    told = Told("SessionsEnded", REPORTER, "", "")
    return Scene(on.demo, lambda: leaks.take_report(on.demo, found), told)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("keys.create", create_key),
    ("keys.change", change_key),
    ("keys.stop", on_key(keys.stop, "KeyStopped")),
    ("keys.start", start_key),
    ("keys.waive_implicit", waive_implicit),
    ("keys.revoke_tokens", on_key(keys.revoke_tokens, "TokensRevoked")),
    ("keys.delete", on_key(keys.delete, "KeyDeleted")),
    ("keys.restore", restore_key),
    ("advice.keep", keep_advice),
    ("addresses.add_redirect_uri", with_text(addresses.add_redirect_uri, "https://a.example/", "RedirectUriAdded")),
    ("addresses.remove_redirect_uri", remove_redirect_uri),
    ("addresses.add_origin", with_text(addresses.add_origin, "https://a.example", "OriginAdded")),
    ("addresses.remove_origin", remove_origin),
    ("credentials._add_secret", add_secret),
    ("credentials.delete_secret", delete_secret),
    ("credentials._add_keypair", add_keypair),
    ("credentials.delete_keypair", delete_keypair),
    ("leaks.report_secret", report_secret),
    ("leaks.report_keypair", report_keypair),
    ("leaks._end_secret", find_secret),
    ("leaks._end_refresh_token", find_refresh_token),
    ("leaks._end_personal_token", find_personal_token),
    ("leaks._end_session", find_session),
)

SILENT: tuple[tuple[str, str, Play], ...] = (("keys.stop", "what was stopped already was not changed", stop_twice),)
