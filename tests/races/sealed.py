"""Who races over sealed credentials and drills?"""

from collections import Counter
from collections.abc import Generator

from keysteward.actions import accounts, credentials, drills, releases, sealed_credentials
from keysteward.rules.sealed_credentials import Release
from tests.cast import ACME, BO
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns
from tests.recovering import REASON, add_recipient, approved, ask, planned, seal_secret

Story = Generator[Runner, Came, None]


def ending(on: Ground, release: Release) -> str:
    """How a request ended."""
    query = f"SELECT ending FROM credential_releases WHERE id = '{release.id}'"  # noqa: S608 — our own GUIDs
    ((found,),) = rows(on.demo.database, query)
    return str(found)


@race(sealed_credentials.add_recipient, sealed_credentials.remove_recipient)
def a_recipient_is_added_once(on: Ground) -> Story:
    """A hundred times the same public key is one recipient, however often it is taken away."""
    added = add_recipient(on.town, "first")
    came = yield taking_turns(
        lambda _: add_recipient(on.town),
        lambda _: sealed_credentials.remove_recipient(on.demo, on.ada, ACME.demo, added.id),
    )

    labels = [label for (label,) in rows(on.demo.database, "SELECT label FROM recovery_recipients")]
    assert (labels, set(came.refusals)) == (["safe"], {"recipient-exists", "no-such-object"})
    assert events_of(on.demo, "RecoveryRecipientRemoved") == 1


@race(releases.ask)
def one_request_begins(on: Ground) -> Story:
    """A hundred who ask for a credential, two of them in turns, have one request."""
    new, bo = seal_secret(on.town, on.made), on.town.actor(BO)
    came = yield taking_turns(
        lambda _: releases.ask(on.demo, on.ada, ACME.demo, new.secret.id, REASON),
        lambda _: releases.ask(on.demo, bo, ACME.demo, new.secret.id, REASON),
    )

    came.once("release-pending")
    assert events_of(on.demo, "ReleaseAsked") == 1


@race(releases.approve, releases.refuse, releases.cancel)
def it_is_decided_one_way(on: Ground) -> Story:
    """Approved, refused and cancelled at once: one ending, and at most one approval before it."""
    release, bo = ask(on.town, on.made), on.town.actor(BO)
    came = yield taking_turns(
        lambda _: releases.approve(on.demo, bo, release.id),
        lambda _: releases.refuse(on.demo, bo, release.id, ""),
        lambda _: releases.cancel(on.demo, on.ada, release.id),
    )

    ended = {name: events_of(on.demo, name) for name in ("ReleaseRefused", "ReleaseCancelled")}
    assert sorted(ended.values()) == [0, 1]
    assert ending(on, release) == ("refused" if ended["ReleaseRefused"] else "cancelled")
    assert events_of(on.demo, "ReleaseApproved") <= 1
    assert set(came.refusals) <= {"release-over", "release-approved", "changed-meanwhile"}


@race(releases.approve, releases.expire, releases.settle_due)
def it_expires_or_is_approved(on: Ground) -> Story:
    """At the last moment its time is up for all, and it is said once."""
    release = ask(on.town, on.made)
    on.town.clock.now = release.expires_at
    bo = on.town.actor(BO)
    came = yield taking_turns(
        lambda _: releases.approve(on.demo, bo, release.id),
        lambda _: releases.expire(on.demo, release),
        lambda _: releases.settle_due(on.demo),
    )

    assert (ending(on, release), events_of(on.demo, "ReleaseExpired")) == ("expired", 1)
    assert (set(came.refusals), events_of(on.demo, "ReleaseApproved")) == ({"release-over"}, 0)


@race(releases.download)
def it_is_downloaded_once(on: Ground) -> Story:
    """A hundred who download an approved file: one has it."""
    release = approved(on.town, on.made)
    came = yield lambda _: releases.download(on.demo, on.ada, release.id)

    assert came.once("release-over").startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")
    assert (ending(on, release), events_of(on.demo, "CredentialReleased")) == ("downloaded", 1)


@race(releases.download, releases.refuse, accounts.close_membership, credentials.delete_secret)
def nothing_is_given_out_without_standing(on: Ground) -> Story:
    """While it is refused, its second admin leaves or it is deleted, it is downloaded before all that or never."""
    release, bo = approved(on.town, on.made), on.town.actor(BO)

    def change(number: int) -> None:
        if number == 44:
            accounts.close_membership(on.demo, ACME.demo, BO.demo, "x")
        elif number == 48:
            releases.refuse(on.demo, bo, release.id, "")
        elif number == 52:
            credentials.delete_secret(on.demo, on.ada, on.key, release.credential)

    came = yield taking_turns(change, lambda _: releases.download(on.demo, on.ada, release.id))

    order = [name for (name,) in rows(on.demo.database, "SELECT name FROM events ORDER BY sequence")]
    stopping = [order.index(name) for name in ("UserClosed", "SecretDeleted", "ReleaseRefused") if name in order]
    assert "CredentialReleased" not in order[min(stopping) :]
    assert set(came.refusals) <= {
        "release-over", "release-signer-gone", "no-such-object", "changed-meanwhile", "not-your-release",
    }  # fmt: skip


@race(drills.plan)
def each_plan_is_a_drill(on: Ground) -> Story:
    """Nothing stops two drills of one kind; each is told once."""
    came = yield lambda _: planned(on.town)

    assert came.refusals == Counter()
    assert events_of(on.demo, "DrillPlanned") == len(came.answers)


@race(drills.record, drills.cancel)
def each_records_once(on: Ground) -> Story:
    """Two who record a hundred times record once each; what repeats is planned anew once, unless it is cancelled."""
    drill, bo = planned(on.town, months=3), on.town.actor(BO)

    def cancel(number: int) -> None:
        if number > 90:
            drills.cancel(on.demo, on.ada, drill.id)

    came = yield taking_turns(
        lambda _: drills.record(on.demo, on.ada, drill.id, "done", ""),
        lambda _: drills.record(on.demo, bo, drill.id, "failed", "It rang."),
        cancel,
    )

    is_cancelled = events_of(on.demo, "DrillCancelled")
    ((planned_now,),) = rows(on.demo.database, "SELECT count(*) FROM drills")
    assert planned_now == 2 - is_cancelled
    assert events_of(on.demo, "DrillRecorded") == 2 or is_cancelled
    assert set(came.refusals) <= {"drill-over", "drill-recorded"}


@race(drills.remind_due)
def people_are_reminded_once(on: Ground) -> Story:
    """A hundred workers find it overdue: one says so."""
    drill = planned(on.town)
    on.town.clock.now = drill.due_at
    came = yield lambda _: drills.remind_due(on.demo)

    assert (sum(came.answers), came.refusals, events_of(on.demo, "DrillReminded")) == (1, Counter(), 1)
