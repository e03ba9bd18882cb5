"""Who races over keys that retire, and over the links of recovery contacts?"""

from collections import Counter
from collections.abc import Generator
from datetime import timedelta

from keysteward.actions import leavers, recovery_contacts, replacements, retirements, retiring, tokens
from keysteward.actions.leavers import Operating
from keysteward.actions.replacements import Shown
from keysteward.rules.signin import NOWHERE
from tests.cast import ACME, ADA, BO, CY, MALLORY, ROBIN, SAM, VERA, Made
from tests.mails import letters_to, link_to
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns
from tests.replacing import bring_back, name_operator, replace_key, retire, stand_in
from tests.transferring import add_second

Story = Generator[Runner, Came, None]
_BOX = "recovery@acme.example"


def replaced(on: Ground) -> tuple[Made, Made]:
    """Ada's key, live, and Mallory's in its place."""
    old = on.town.go_live(on.made)
    return old, replace_key(on.town, old)


def stands_still(on: Ground) -> bool:
    """Whether the old key is stopped."""
    query = f"SELECT stopped_at FROM apps WHERE key = '{on.key}'"  # noqa: S608 — our own GUIDs
    ((stopped_at,),) = rows(on.production.database, query)
    return stopped_at is not None


def endings(on: Ground) -> list[str | None]:
    """How the retirements of the key ended, in the order in which they were asked for."""
    query = "SELECT ending FROM retirements ORDER BY asked_at, id"
    return [ending for (ending,) in rows(on.production.database, query)]


@race(retirements.retire)
def one_hand_retires_it(on: Ground) -> Story:
    """An admin, an operator and an organization at once: one retirement is under way, whoever's it is."""
    _, new = replaced(on)
    name_operator(on.town)
    on.town.clock.advance(days=90)
    came = yield taking_turns(
        lambda _: retire(on.town, new, by=ADA),
        lambda _: retire(on.town, new, by=VERA, hand="operator"),
        lambda _: stand_in(on.town, new),
    )

    came.once("key-retired")
    assert stands_still(on) == (events_of(on.production, "KeyRetired") == 1)
    assert endings(on) == [None]


@race(retirements.retire, retirements.bring_back, tokens.grant_assertion)
def retired_called_and_brought_back(on: Ground) -> Story:
    """Two admins retire it and bring it back while it asks for tokens: it stands still exactly while it is retired."""
    old, new = replaced(on)
    on.town.consent(on.production, old, SAM)
    came = yield taking_turns(
        lambda _: retire(on.town, new, by=ADA, despite_use=True),
        lambda _: bring_back(on.town, new, by=BO),
        lambda _: tokens.grant_assertion(on.production, on.town.assertion(on.production, old)),
    )

    retired, back = (events_of(on.production, name) for name in ("KeyRetired", "KeyBroughtBack"))
    assert retired - back in {0, 1}
    assert stands_still(on) == (retired > back)
    assert set(came.refusals) <= {"key-retired", "key-not-retired", "issuer-not-found", "changed-meanwhile"}


@race(retirements.bring_back, retiring.finish, retiring.settle_due)
def final_or_back(on: Ground) -> Story:
    """At the very moment at which it is too late nobody brings it back, and it is made final once."""
    _, new = replaced(on)
    retired = retire(on.town, new)
    on.town.clock.advance(days=15)
    came = yield taking_turns(
        lambda _: bring_back(on.town, new),
        lambda _: retiring.finish(on.production, retired),
        lambda _: retiring.settle_due(on.production),
    )

    assert (events_of(on.production, "KeyRetiredForGood"), events_of(on.production, "KeyBroughtBack")) == (1, 0)
    assert endings(on) == ["final"]
    assert set(came.refusals) <= {"retired-for-good", "key-not-retired", "changed-meanwhile"}


@race(retirements.bring_back, retiring.take_effect, retiring.settle_due)
def called_off_or_retired(on: Ground) -> Story:
    """When the wait is over an admin calls it off while workers retire the key: either way it works on."""
    _, new = replaced(on)
    asked = stand_in(on.town, new)
    on.town.clock.now += timedelta(hours=72)
    came = yield taking_turns(
        lambda _: bring_back(on.town, new, by=BO),
        lambda _: retiring.take_effect(on.production, asked),
        lambda _: retiring.settle_due(on.production),
    )

    (ending,) = endings(on)
    assert ending in {"called off", "brought back"}
    assert not stands_still(on)
    told = events_of(on.production, "KeyRetired"), events_of(on.production, "RetirementEnded")
    assert told == {"called off": (0, 1), "brought back": (1, 0)}[ending]
    assert set(came.refusals) <= {"key-not-retired", "changed-meanwhile"}


@race(retirements.approve)
def a_word_is_given_once(on: Ground) -> Story:
    """A hundred words of the second admin are one."""
    _, new = replaced(on)
    add_second(on.town)
    stand_in(on.town, new)
    sam = on.town.actor(SAM, on.production)
    came = yield lambda _: retirements.approve(on.production, sam, new.key)

    came.once("changed-meanwhile")


@race(retiring.expire, retiring.settle_due)
def retiring_expires_once(on: Ground) -> Story:
    """A hundred workers find that nobody finished it: one says so."""
    _, new = replaced(on)
    add_second(on.town)
    asked = stand_in(on.town, new)
    on.town.clock.advance(days=7)
    came = yield taking_turns(
        lambda _: retiring.expire(on.production, asked), lambda _: retiring.settle_due(on.production)
    )

    assert (sum(map(int, came.answers)), came.refusals) == (1, Counter())
    assert endings(on) == ["expired"]


@race(retiring.remind, retiring.remind_due)
def reminded_of_once(on: Ground) -> Story:
    """A hundred workers find that it is soon gone for good: everybody hears it once."""
    _, new = replaced(on)
    retired = retire(on.town, new)
    on.town.clock.advance(days=12)
    came = yield taking_turns(
        lambda _: retiring.remind(on.production, retired), lambda _: retiring.remind_due(on.production)
    )

    assert (sum(map(int, came.answers)), came.refusals) == (1, Counter())
    assert events_of(on.production, "RetirementReminded") == 1


@race(replacements.prove)
def a_proof_is_kept_once(on: Ground) -> Story:
    """A hundred good proofs of one credential are one, and bad ones beside them are counted out after ten."""
    old, new = replaced(on)
    mallory, sam = (on.town.actor(each, on.production) for each in (MALLORY, SAM))
    came = yield taking_turns(
        lambda _: replacements.prove(on.production, mallory, new.key, Shown(old.secret), NOWHERE),
        lambda _: replacements.prove(on.production, sam, new.key, Shown("kss_" + "A" * 43), NOWHERE),
    )

    ((kept,),) = rows(on.production.database, "SELECT count(*) FROM predecessor_proofs")
    assert (kept, len(came.answers)) == (1, 50)
    assert came.refusals["proof-not-good"] == on.production.policy.sign_in_failures
    assert set(came.refusals) == {"proof-not-good", "too-many-proofs"}


# ── recovery contacts ───────────────────────────────────────────────────────────────────────────────────────────────
@race(recovery_contacts.name_contact)
def an_address_is_named_once(on: Ground) -> Story:
    """A hundred times at once it is named once."""
    ada = on.town.actor(ADA, on.production)
    came = yield lambda _: recovery_contacts.name_contact(on.production, ada, ACME.production, _BOX)

    came.once("contact-known")


@race(recovery_contacts.confirm, recovery_contacts.remove_contact)
def confirmed_or_removed(on: Ground) -> Story:
    """They agree and are removed at once: agreeing counts once at most, and in the end there is no contact."""
    ctx, ada = on.production, on.town.actor(ADA, on.production)
    recovery_contacts.name_contact(ctx, ada, ACME.production, _BOX)
    link = link_to(ctx, _BOX)
    came = (
        yield lambda number: (
            recovery_contacts.remove_contact(ctx, ada, ACME.production, _BOX)
            if number == 50
            else recovery_contacts.confirm(ctx, link)
        )
    )

    assert rows(ctx.database, "SELECT email FROM recovery_contacts") == []
    assert events_of(ctx, "RecoveryContactConfirmed") in {0, 1}
    assert set(came.refusals) <= {"link-not-good"}


@race(recovery_contacts.ask_for_help)
def help_is_asked_for_once(on: Ground) -> Story:
    """A hundred times at once those who can help are written to once."""
    ctx, ada = on.production, on.town.actor(ADA, on.production)
    recovery_contacts.name_contact(ctx, ada, ACME.production, _BOX)
    recovery_contacts.confirm(ctx, link_to(ctx, _BOX))
    on.town.clock.advance(seconds=1)
    for each in (ADA, BO, ROBIN):
        leavers.report(ctx, Operating("the tests"), each.production, "Left.")
    link = link_to(ctx, _BOX)
    came = yield lambda _: recovery_contacts.ask_for_help(ctx, link)

    came.once("link-not-good")
    assert letters_to(ctx, CY.email).count("recovery-asked") == 1
