"""Does an old key stop when it is retired, come back by the right hands in time, and never after that?"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from keysteward.actions import (
    account_states,
    callers,
    custody,
    keys,
    mailing,
    moving,
    replacements,
    retirements,
    retiring,
    tokens,
)
from keysteward.actions.replacements import Shown
from keysteward.rules.access import READ_KEYS, WRITE_KEYS
from keysteward.rules.refusals import (
    BAD_TOKEN,
    FRESH_SIGN_IN_NEEDED,
    ISSUER_NOT_FOUND,
    KEY_DELETED,
    KEY_RETIRED,
    NO_SUCH_OBJECT,
    NOT_SAFE_TO_RETIRE,
    NOT_YOURS_TO_RETIRE,
    RETIRED_FOR_GOOD,
    TOKEN_LACKS_PERMISSION,
    TOO_LATE_TO_RESTORE,
    USED_LATELY,
    Refusal,
)
from keysteward.rules.replacements import Hand
from keysteward.rules.signin import NOWHERE
from tests.cast import ACME, ADA, BO, MALLORY, ROBIN, SAM, VERA, Person, Town, refused
from tests.conftest import Founded
from tests.mails import letters_to
from tests.replacing import (
    Replaced,
    bring_back,
    lose_all_admins,
    name_operator,
    old_key,
    replaced_town,
    retire,
    stand_in,
    status,
)
from tests.transferring import accepted, confirm, offer

WAIT, UNDO = timedelta(hours=72), timedelta(days=15)


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


# ── an admin ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_stops_at_once_and_comes_back(town: Town, pair: Replaced) -> None:
    """Its tokens and grants are refused from that moment, and work again when it comes back, refresh tokens too."""
    ctx, old = town.production, pair.old
    town.consent(ctx, old, SAM)
    token = tokens.grant_assertion(ctx, town.assertion(ctx, old)).access_token
    lasting = town.sign_in_with(ctx, old, SAM).refresh_token
    assert lasting is not None
    retire(town, pair.new, despite_use=True)
    with refused(BAD_TOKEN):
        callers.recognize(ctx, token)
    with refused(ISSUER_NOT_FOUND):
        tokens.grant_assertion(ctx, town.assertion(ctx, old))
    with refused(KEY_RETIRED):
        keys.start(ctx, town.actor(ADA, ctx), old.key)

    bring_back(town, pair.new, by=BO)
    assert callers.recognize(ctx, token).app.key == old.key
    assert tokens.refresh(ctx, old.credentials, lasting, None).access_token
    assert status(town, pair.new) == "brought back"


def test_what_is_used_needs_a_word(town: Town, pair: Replaced) -> None:
    """Called today it is refused with the reason; after thirty silent days it needs none."""
    town.call(pair.old, ctx=town.production)
    with refused(NOT_SAFE_TO_RETIRE):
        retire(town, pair.new)
    town.clock.advance(days=30)
    assert retire(town, pair.new).retired_at == town.clock.now


def test_a_key_that_stood_still_stays_so(town: Town, pair: Replaced) -> None:
    """Bringing it back starts nothing that somebody had stopped before."""
    ctx = town.production
    keys.stop(ctx, town.actor(ADA, ctx), pair.old.key)
    retire(town, pair.new)
    bring_back(town, pair.new)
    assert old_key(town, pair).stopped_at is not None
    assert keys.start(ctx, town.actor(ADA, ctx), pair.old.key).works


def test_a_retired_key_stays_where_it_is(town: Town, pair: Replaced) -> None:
    """No transfer of it begins, and one that had begun does not move it: nobody would get a key that ends by itself."""
    begun = accepted(town, pair.old)
    retire(town, pair.new)
    with refused(KEY_RETIRED):
        offer(town, pair.old)
    confirm(town, begun, "source", ADA)
    assert confirm(town, begun, "destination", MALLORY) is False
    assert old_key(town, pair).account == ACME.production

    bring_back(town, pair.new)
    assert moving.move_if_ready(town.production, begun.id)


def test_for_fifteen_days(town: Town, pair: Replaced) -> None:
    """A moment before they are over it comes back; then it does not, whether a job came by or not, and is deleted."""
    begun = town.clock.now
    retire(town, pair.new)
    town.clock.now = begun + UNDO - timedelta(microseconds=1)
    assert retiring.settle_due(town.production) == 0
    bring_back(town, pair.new)
    again = town.clock.now
    retire(town, pair.new)
    town.clock.now = again + UNDO
    with refused(RETIRED_FOR_GOOD):
        bring_back(town, pair.new)

    assert (retiring.settle_due(town.production), retiring.settle_due(town.production)) == (1, 0)
    assert (status(town, pair.new), old_key(town, pair).deleted_at) == ("final", town.clock.now)
    ada = town.actor(ADA, town.production)
    with refused(RETIRED_FOR_GOOD):
        keys.restore(town.production, ada, pair.old.key)
    with refused(RETIRED_FOR_GOOD):
        bring_back(town, pair.new)
    with refused(KEY_RETIRED):
        retire(town, pair.new)


def test_deleting_it_meanwhile_does_not_prolong_it(town: Town, pair: Replaced) -> None:
    """A retired key may be deleted; it is final no later, and keeps the day of its deletion."""
    ctx, ada = town.production, town.actor(ADA, town.production)
    retire(town, pair.new)
    deleted_at = keys.delete(ctx, ada, pair.old.key).deleted_at
    town.clock.advance(days=15)
    assert retiring.settle_due(ctx) == 1
    assert old_key(town, pair).deleted_at == deleted_at
    with refused(RETIRED_FOR_GOOD):
        keys.restore(ctx, ada, pair.old.key)
    town.clock.advance(days=1)
    with refused(TOO_LATE_TO_RESTORE):
        keys.restore(ctx, town.actor(ADA, ctx), pair.old.key)


@pytest.mark.parametrize("who", [SAM, VERA, MALLORY], ids=lambda who: who.first_name)
@pytest.mark.parametrize("hand", ["admin", "stand-in", "operator"])
def test_others_retire_nothing(town: Town, pair: Replaced, who: Person, hand: Hand) -> None:
    """Who proved a credential may look and no more; all others find nothing."""
    with refused(NO_SUCH_OBJECT):
        retire(town, pair.new, by=who, hand=hand)
    shown = Shown(pair.old.secret)
    ctx = town.production
    replacements.prove(ctx, town.actor(who, ctx), pair.new.key, shown, NOWHERE)
    with refused(NOT_YOURS_TO_RETIRE):
        retire(town, pair.new, by=who, hand=hand)
    with refused(NOT_YOURS_TO_RETIRE):
        bring_back(town, pair.new, by=who)


def test_it_needs_a_fresh_sign_in(town: Town, pair: Replaced) -> None:
    """A session of eleven minutes ago asks again who it is."""
    ada = town.actor(ADA, town.production)
    town.clock.advance(minutes=11)
    with refused(FRESH_SIGN_IN_NEEDED):
        retirements.retire(town.production, ada, pair.new.key, retirements.Wish())
    with refused(FRESH_SIGN_IN_NEEDED):
        retirements.bring_back(town.production, ada, pair.new.key, "")


def test_programs_need_the_permission_of_the_hand(town: Town, pair: Replaced) -> None:
    """One that may write keys retires as its admin does, and brings back; one that reads does neither."""
    ctx = town.production
    reader, writer = (town.actor(ADA, ctx, frozenset({each, READ_KEYS})) for each in (READ_KEYS, WRITE_KEYS))
    with refused(TOKEN_LACKS_PERMISSION):
        retirements.retire(ctx, reader, pair.new.key, retirements.Wish())
    retirements.retire(ctx, writer, pair.new.key, retirements.Wish())
    with refused(TOKEN_LACKS_PERMISSION):
        retirements.bring_back(ctx, reader, pair.new.key, "")
    retirements.bring_back(ctx, writer, pair.new.key, "")


def test_without_a_successor_nothing_retires(town: Town, pair: Replaced) -> None:
    """A deleted new key takes the place of none; what is retired already can still come back."""
    ctx = town.production
    retire(town, pair.new)
    keys.delete(ctx, town.actor(MALLORY, ctx), pair.new.key)
    bring_back(town, pair.new)
    with refused(KEY_DELETED):
        retire(town, pair.new)


def test_everybody_is_told(town: Town, pair: Replaced) -> None:
    """The admins of both keys, each once, that it is retired, that it came back, and that it is gone for good."""
    retire(town, pair.new)
    texts = [each.letter.text for each in mailing.list_newest(town.production) if each.letter]
    assert sum("They say: All have moved." in text for text in texts) == 4
    bring_back(town, pair.new)
    retire(town, pair.new)
    town.clock.advance(days=15)
    retiring.settle_due(town.production)

    for who in (ADA, BO, ROBIN, MALLORY):
        assert letters_to(town.production, who.email).count("retirement") == 4, who.email
    assert letters_to(town.production, SAM.email) == []
    (newest,) = [each.letter for each in mailing.list_newest(town.production) if each.recipient == BO.email][:1]
    assert newest is not None
    assert "retired for good" in newest.text


# ── an operator ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_operator_after_ninety_days(town: Town, pair: Replaced) -> None:
    """At 89 days no, at exactly 90 yes; then they bring it back too, and so does its admin."""
    town.call(pair.old, ctx=town.production)
    name_operator(town)
    called = town.clock.now
    for days in (89, 90 - 1e-6):
        town.clock.now = called + timedelta(days=days)
        with refused(USED_LATELY):
            retire(town, pair.new, by=VERA, hand="operator", despite_use=True)

    town.clock.now = called + timedelta(days=90)
    assert retire(town, pair.new, by=VERA, hand="operator").hand == "operator"
    bring_back(town, pair.new, by=VERA)
    retire(town, pair.new, by=VERA, hand="operator")
    bring_back(town, pair.new, by=ADA)


def test_an_operator_takes_back_only_their_own(town: Town, pair: Replaced) -> None:
    """What the account's admin did stays with them."""
    name_operator(town)
    retire(town, pair.new)
    with refused(NOT_YOURS_TO_RETIRE):
        bring_back(town, pair.new, by=VERA)


# ── what else goes by it ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_retired_key_hinders_no_closing(town: Town, pair: Replaced) -> None:
    """An account whose live keys are all retired is closed without force."""
    ctx = town.production
    hand = "the tests"
    with pytest.raises(Refusal, match="account-has-live-keys"):
        account_states.change_state(ctx, hand, ACME.production, "close", "Moved.")
    retire(town, pair.new)
    assert account_states.change_state(ctx, hand, ACME.production, "close", "Moved.").state == "closed"


def test_findings_close_with_it(town: Town, pair: Replaced) -> None:
    """A key that nobody can manage is found; once it is retired there is nothing to find."""
    ctx = town.production
    lose_all_admins(town)
    custody.judge_due(ctx)
    assert open_findings(town, pair.old.key) != []
    stand_in(town, pair.new)
    town.clock.now += WAIT
    retiring.settle_due(ctx)
    town.clock.advance(days=2)
    custody.judge_due(ctx)
    assert open_findings(town, pair.old.key) == []


def open_findings(town: Town, key: str) -> list[str]:
    """The open findings that name a key."""
    with town.production.database.reading() as tx:
        rows = tx.exec_driver_sql("SELECT code, keys, subject FROM custody_findings WHERE fixed_at IS NULL").all()
    return [code for code, named, subject in rows if key in f"{named} {subject}"]
