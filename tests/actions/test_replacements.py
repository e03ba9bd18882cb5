"""Does a new key take along which one it replaces, and does only who should see how the old one is used?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from keysteward.actions import credentials, keys, leaks, replacements, tokens
from keysteward.actions.replacements import Shown
from keysteward.rules.access import READ_KEYS, WRITE_KEYS
from keysteward.rules.refusals import (
    INVALID_FIELD,
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    NOT_AN_ADMIN,
    PROOF_NOT_GOOD,
    REPLACEMENTS_ARE_IN_PRODUCTION,
    TOKEN_LACKS_PERMISSION,
    TOO_MANY_PROOFS,
    Kind,
    Refusal,
)
from keysteward.rules.replacements import Sight
from keysteward.rules.signin import Source
from keysteward.rules.usage import asker
from tests.cast import ADA, BO, CY, MALLORY, SAM, UNKNOWN, VERA, Made, Person, Town, refused
from tests.conftest import Founded
from tests.mails import letters_to
from tests.peers.databases import rows
from tests.replacing import WHY, Replaced, name_operator, replaced_town, stand_in
from tests.transferring import accepted, confirm

HERE = Source("192.0.2.7", "a browser")


@pytest.fixture(scope="module")
def pair(founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replaced]:
    """The town with Mallory's key in the place of Ada's."""
    with replaced_town(founded, tmp_path_factory.mktemp("replaced") / "town") as found:
        yield found


@pytest.fixture
def town(pair: Replaced, tmp_path: Path) -> Iterator[Town]:
    """A copy of it."""
    town = pair.copy(tmp_path / "town")
    yield town
    town.close()


def prove(town: Town, new: Made, by: Person, secret: str = "", assertion: str = "") -> None:
    """Show a credential of the old key."""
    shown = Shown(secret, assertion)
    replacements.prove(town.production, town.actor(by, town.production), new.key, shown, HERE)


def sight(town: Town, new: Made, who: Person) -> Sight:
    """What somebody sees of the cut-over."""
    try:
        return replacements.view(town.production, town.actor(who, town.production), new.key).sight
    except Refusal as refusal:
        if refusal.kind is NO_SUCH_OBJECT:
            return "nothing"
        raise


# ── what a new key says ─────────────────────────────────────────────────────────────────────────────────────────────
def test_the_remark_goes_along(town: Town, pair: Replaced) -> None:
    """What was said at its creation in demo stands in production, in lower case, and nothing else came of it."""
    for ctx in (town.demo, town.production):
        said = keys.view(ctx, town.actor(MALLORY, ctx), pair.new.key).replaces
        assert said is not None
        assert (said.predecessor, said.remark, said.named_by) == (pair.old.key, WHY, MALLORY.email)
    assert keys.view(town.production, town.actor(ADA, town.production), pair.old.key).replaces is None


def test_naming_reveals_nothing(town: Town, pair: Replaced) -> None:
    """Known, foreign, unknown: it is created alike, and whoever named it sees nothing of the old key."""
    sam_s = keys.Draft("X", "team@strange.example", predecessor=UNKNOWN)
    made = keys.create(town.demo, town.actor(MALLORY), pair.new.app.account.replace("90d0", "de30"), sam_s)
    listed = {each.replacement.key: each for each in replacements.list_seen(town.demo, town.actor(MALLORY))}
    there = replacements.list_seen(town.production, town.actor(MALLORY, town.production))

    assert {made.key, pair.new.key} <= set(listed)
    assert {(each.old, each.status) for each in (*listed.values(), *there)} == {(None, None)}
    assert sight(town, pair.new, MALLORY) == "nothing"


def test_only_a_guid_is_named(town: Town, pair: Replaced) -> None:
    """Anything else is refused, and no key comes of it."""
    account = pair.new.app.account.replace("90d0", "de30")
    before = len(keys.list_apps(town.demo, town.actor(MALLORY), account))
    with refused(INVALID_FIELD, "predecessor"):
        keys.create(town.demo, town.actor(MALLORY), account, keys.Draft("X", "x@strange.example", predecessor="x"))
    assert len(keys.list_apps(town.demo, town.actor(MALLORY), account)) == before


# ── who sees it ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_looks_without_a_proof(town: Town, pair: Replaced) -> None:
    """Admins of the old key all of it; its organization and operators the signal; all others find nothing."""
    name_operator(town, VERA)
    seen = {who.first_name: sight(town, pair.new, who) for who in (ADA, BO, CY, VERA, SAM, MALLORY)}

    assert seen == {"Ada": "all", "Bo": "all", "Cy": "signal", "Vera": "signal", "Sam": "nothing", "Mallory": "nothing"}


def test_a_secret_key_proves(town: Town, pair: Replaced) -> None:
    """Once; then whoever proved it sees how both are used, and no users, as long as that secret key lives."""
    prove(town, pair.new, MALLORY, pair.old.secret)
    found = replacements.view(town.production, town.actor(MALLORY, town.production), pair.new.key)
    assert (found.sight, found.hands, found.users) == ("usage", frozenset(), [])
    assert [each.old.name for each in replacements.list_seen(town.production, town.actor(MALLORY, town.production))
            if each.old] == ["Lease signer"]  # fmt: skip

    ada = town.actor(ADA, town.production)
    (secret,) = keys.view(town.production, ada, pair.old.key).settings.secrets
    credentials.delete_secret(town.production, ada, pair.old.key, secret.id)
    assert sight(town, pair.new, MALLORY) == "nothing"


def test_a_signature_proves(town: Town, pair: Replaced) -> None:
    """A JWT that the old app's private key signed for production; the same one proves nothing again."""
    soon = int(town.clock.seconds()) + 300
    assertion = town.assertion(town.production, pair.old, sub=pair.old.key, jti="one", scope=None, exp=soon)
    prove(town, pair.new, SAM, assertion=assertion)

    assert sight(town, pair.new, SAM) == "usage"
    with refused(PROOF_NOT_GOOD):
        prove(town, pair.new, MALLORY, assertion=assertion)


@pytest.mark.parametrize("where", ["theirs", "of no replacement", "of no key"])
def test_everything_wrong_is_answered_alike(town: Town, pair: Replaced, where: str) -> None:
    """A secret key of another app, a made-up one, a key that replaces none: nobody learns what is there."""
    successor = {"theirs": pair.new.key, "of no replacement": pair.old.key, "of no key": UNKNOWN}[where]
    for secret in (pair.new.secret, "kss_" + "A" * 43, "x"):
        with refused(PROOF_NOT_GOOD):
            shown = Shown(secret)
            replacements.prove(town.production, town.actor(MALLORY, town.production), successor, shown, HERE)
    with refused(PROOF_NOT_GOOD):
        prove(town, pair.new, MALLORY, assertion="no.jwt.atall")


def test_a_leaked_or_expired_secret_proves_nothing(town: Town, pair: Replaced) -> None:
    """Neither before nor after."""
    prove(town, pair.new, MALLORY, pair.old.secret)
    ada = town.actor(ADA, town.production)
    (secret,) = keys.view(town.production, ada, pair.old.key).settings.secrets
    leaks.report_secret(town.production, ada, pair.old.key, secret.id)
    town.clock.advance(seconds=1)

    assert sight(town, pair.new, MALLORY) == "nothing"
    with refused(PROOF_NOT_GOOD):
        prove(town, pair.new, SAM, pair.old.secret)


def test_guesses_are_counted(town: Town, pair: Replaced) -> None:
    """After ten that were not good a right one is refused too, for a while; signing in is not touched by it."""
    for _ in range(town.production.policy.sign_in_failures):
        with refused(PROOF_NOT_GOOD):
            prove(town, pair.new, MALLORY, "kss_" + "A" * 43)
    with refused(TOO_MANY_PROOFS):
        prove(town, pair.new, MALLORY, pair.old.secret)
    prove(town, pair.new, SAM, pair.old.secret)

    town.clock.advance(minutes=16)
    prove(town, pair.new, MALLORY, pair.old.secret)


@pytest.mark.parametrize(("secret", "assertion"), [("", ""), ("x", "y")])
def test_one_thing_is_shown(town: Town, pair: Replaced, secret: str, assertion: str) -> None:
    """Neither nothing nor both."""
    with refused(INVALID_FIELD, "secret"):
        prove(town, pair.new, MALLORY, secret, assertion)


@pytest.mark.parametrize("kind", [REPLACEMENTS_ARE_IN_PRODUCTION])
def test_nothing_is_cut_over_in_demo(town: Town, pair: Replaced, kind: Kind) -> None:
    """Neither seen nor proved nor previewed there."""
    with refused(kind):
        replacements.view(town.demo, town.actor(ADA), pair.new.key)
    with refused(kind):
        replacements.prove(town.demo, town.actor(ADA), pair.new.key, Shown("x"), HERE)
    with refused(kind):
        replacements.preview(town.demo, town.actor(ADA), pair.old.key)


def test_programs_need_to_see_keys(town: Town, pair: Replaced) -> None:
    """A personal access token for something else sees no cut-over."""
    ctx = town.production
    with refused(TOKEN_LACKS_PERMISSION):
        replacements.view(ctx, town.actor(ADA, ctx, frozenset({WRITE_KEYS})), pair.new.key)
    assert replacements.view(ctx, town.actor(ADA, ctx, frozenset({READ_KEYS})), pair.new.key).sight == "all"


# ── what is seen ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_both_keys_side_by_side(town: Town, pair: Replaced) -> None:
    """Calls per key and day, the share that has moved, who got tokens with the old one, and for whom it was called."""
    ctx = town.production
    town.call(pair.old, 3, ctx=ctx)
    town.clock.advance(days=1)
    town.call(pair.old, 1, ctx=ctx)
    town.call(pair.new, 4, ctx=ctx)
    use = asker("192.0.2.9", "billing/1.0", "java")
    tokens.grant_assertion(ctx, town.assertion(ctx, pair.old), use)
    ctx.usage.close()
    found = replacements.view(ctx, town.actor(ADA, ctx), pair.new.key)

    assert [(day.old, day.new) for day in found.days[-2:]] == [(3, 0), (1, 4)]
    assert found.percent_moved == 50
    assert (use, 1) in [(each.asker, each.tokens) for each in found.still]
    assert [(each.name, each.calls) for each in found.users] == [("Sam Sender (sam@acme.example)", 4)]
    assert len(found.why_not_safe) == 1


def test_refresh_tokens_count_while_they_live(town: Town, pair: Replaced) -> None:
    """The one that somebody could still come with; revoked tokens and those of another key do not count."""
    ctx = town.production
    town.sign_in_with(ctx, pair.old, SAM)
    town.sign_in_with(ctx, pair.new, SAM)
    ada = town.actor(ADA, ctx)
    found = replacements.view(ctx, ada, pair.new.key)
    assert (found.case.quiet.refresh_tokens, len(found.why_not_safe)) == (1, 1)

    keys.revoke_tokens(ctx, ada, pair.old.key)
    assert replacements.view(ctx, ada, pair.new.key).case.quiet.refresh_tokens == 0


def test_a_preview_counts_what_is_made_anew(town: Town, pair: Replaced) -> None:
    """For those who manage the old key, with what says already that it replaces it; nobody else."""
    ctx = town.production
    found = replacements.preview(ctx, town.actor(ADA, ctx), pair.old.key)

    assert (len(found.settings.secrets), len(found.settings.keypairs), len(found.settings.redirect_uris)) == (1, 1, 1)
    assert [each.key for each in found.successors] == [pair.new.key]
    with refused(NO_SUCH_KEY):
        replacements.preview(ctx, town.actor(MALLORY, ctx), pair.old.key)
    with refused(NOT_AN_ADMIN):
        replacements.preview(ctx, town.actor(SAM, ctx), pair.old.key)


# ── the old key moves ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_key_that_moves_is_not_retired(town: Town, pair: Replaced) -> None:
    """Somebody manages it again, so what an organization asked for is called off: told, and recorded."""
    ctx = town.production
    stand_in(town, pair.new)
    transfer = accepted(town, pair.old)
    confirm(town, transfer, "source", ADA)
    told = letters_to(ctx, ADA.email).count("retirement")
    assert confirm(town, transfer, "destination", MALLORY)
    assert replacements.view(ctx, town.actor(MALLORY, ctx), pair.new.key).status == "called off"
    assert letters_to(ctx, ADA.email).count("retirement") == told + 1
    assert rows(ctx.database, "SELECT COUNT(*) FROM events WHERE name = 'RetirementEnded'") == [(1,)]
