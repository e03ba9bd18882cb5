"""Do the rules of releases say the same of every case that can come up: never one person alone?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysteward.rules.accounts import ADMIN, SENDER, Account, AccountState, Membership, MembershipState, Standing, User
from keysteward.rules.keys import App, Secret, Settings
from keysteward.rules.policy import DEFAULT
from keysteward.rules.sealed_credentials import (
    STEPS,
    Case,
    End,
    Ending,
    Party,
    Release,
    Sealed,
    Step,
    approvers,
    is_one_person,
    is_open_to,
    sees,
    state_of,
    status_of,
)
from keysteward.rules.transfers import Act

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
APP = App(
    "key", "account", "Lease signer", "team@acme.example", "Private custom integration", frozenset(), False, "", "",
    "ada@acme.example", NOW, "ada@acme.example",
)  # fmt: skip
ADA, BO, CY = (User(each, f"{each}@acme.example", "", "", "active", NOW) for each in ("ada", "bo", "cy"))
TWIN = User("twin", "Ada+keys@acme.example", "", "", "active", NOW)
ROBIN = User("robin", "robin@acme.example", "", "", "active", NOW, service=True)
EVERYBODY = (ADA, BO, CY, TWIN, ROBIN)


@st.composite
def parties(draw: st.DrawFn, account: Account, user: User | None = None) -> Party:
    """Somebody with any standing."""
    who = user or draw(st.sampled_from(EVERYBODY))
    who = replace(who, state=draw(st.sampled_from(("active", "closed"))))
    profile = draw(st.sampled_from((None, SENDER, ADMIN)))
    state: MembershipState = draw(st.sampled_from(get_args(MembershipState)))
    standing = Standing(account, who, Membership("account", who.id, profile, state, NOW)) if profile else None
    return Party(who, standing, who.state == "active" and draw(st.booleans()))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any case at all, possible or not."""
    organization = draw(st.sampled_from(("", "organization")))
    account = Account("account", 1, "", "", draw(st.sampled_from(get_args(AccountState))), NOW, "organization")
    asker = draw(parties(account))
    approver = draw(st.none() | parties(account))
    end = draw(st.none() | st.sampled_from(get_args(End)))
    release = Release(
        "release", "credential", "account", "key", "secret key", "abcd", "Lost.",
        tuple(draw(st.sets(st.sampled_from([each.id for each in EVERYBODY])))), organization,
        Act(asker.user.id, asker.user.email, NOW - DAY), NOW + draw(st.sampled_from((timedelta(0), SECOND))),
        Act(approver.user.id, "", NOW) if approver else None, Ending(end, Act("", "", NOW), "") if end else None,
    )  # fmt: skip
    app = replace(APP, deleted_at=draw(st.sampled_from((None, NOW))), account=draw(st.sampled_from(("account", "x"))))
    person = draw(parties(account) | st.just(asker))
    return Case(release, account, app, draw(st.booleans()), NOW, DEFAULT, person, asker, approver)


@settings(max_examples=100)
@given(cases())
def test_nobody_downloads_alone(case: Case) -> None:
    """Who downloads asked for it and is an admin; another person, who is none of theirs, approved and still may."""
    if not is_open_to("download", case):
        return
    release, approver = case.release, case.approver
    assert approver is not None
    assert (case.person.user.id, case.person.is_admin, release.ending) == (release.asked.by, True, None)
    assert not is_one_person(case.person.user, approver.user)
    assert (approver.user.service, approver.user.state) == (False, "active")
    assert approver.user.id in release.approvers
    assert approver.is_of_organization if release.organization else approver.is_admin
    assert release.expires_at > NOW
    assert (case.is_kept, case.app.account, case.app.deleted_at) == (True, "account", None)


@settings(max_examples=100)
@given(cases())
def test_nobody_approves_their_own(case: Case) -> None:
    """Not as the same user, not as another one of theirs, not as a service admin, and not later or twice."""
    if is_open_to("approve", case):
        assert not is_one_person(case.person.user, case.asker.user)
        assert (case.person.user.service, case.release.approved, case.release.ending) == (False, None, None)
        assert case.person.user.id in case.release.approvers


@settings(max_examples=40)
@given(cases())
def test_whoever_steps_sees(case: Case) -> None:
    """No step is open to somebody for whom there is no request."""
    steps: tuple[Step, ...] = ("approve", "refuse", "cancel", "download")
    if any(is_open_to(step, case) for step in steps):
        assert sees(case.person)


def test_every_step_has_checks() -> None:
    """A step without any would be open to everybody."""
    assert set(STEPS) == set(get_args(Step))
    assert all(STEPS.values())


ONE = {
    "the same user": (ADA, replace(ADA, email="other@acme.example"), True),
    "a second user with a tag": (ADA, TWIN, True),
    "another case": (ADA, replace(BO, email="ADA@Acme.Example"), True),
    "somebody else": (ADA, BO, False),
    "the same name elsewhere": (ADA, replace(BO, email="ada@other.example"), False),
}


@pytest.mark.parametrize(("one", "other", "expected"), ONE.values(), ids=ONE.keys())
def test_one_person_with_two_users_is_one_person(one: User, other: User, expected: bool) -> None:
    """By the box that mail comes to."""
    assert is_one_person(one, other) == expected == is_one_person(other, one)


MAY = {
    "another admin": ((ADA, BO), (CY,), (["bo"], False)),
    "nobody else here": ((ADA,), (CY,), (["cy"], True)),
    "a service admin does not count": ((ADA, ROBIN), (CY,), (["cy"], True)),
    "nor a second user of one's own": ((ADA, TWIN), (ADA, TWIN, CY), (["cy"], True)),
    "nor who left": ((ADA, replace(BO, state="closed")), (), ([], True)),
    "nobody at all": ((ADA,), (ADA,), ([], True)),
}


@pytest.mark.parametrize(("admins", "council", "expected"), MAY.values(), ids=MAY.keys())
def test_who_may_approve(admins: tuple[User, ...], council: tuple[User, ...], expected: tuple[list[str], bool]) -> None:
    """The other admins who are people; where there are none, the organization's."""
    found, is_for_organization = approvers(ADA, admins, council)

    assert ([each.id for each in found], is_for_organization) == expected


def test_the_time_of_a_request() -> None:
    """At its last moment it is over, and nobody needs to say so."""
    release = Release("", "", "", "", "keypair", "", "", (), "", Act("ada", "", NOW), NOW + DAY)
    approved = replace(release, approved=Act("bo", "", NOW))

    assert [status_of(release, NOW + DAY - SECOND), status_of(release, NOW + DAY)] == ["waiting", "expired"]
    assert [status_of(approved, NOW + DAY - SECOND), status_of(approved, NOW + DAY)] == ["approved", "expired"]


def test_rotation_makes_it_old() -> None:
    """A newer one that works makes it old; one that expired or is gone is dead."""
    own, newer = Secret("own", "aaaa", NOW, "", NOW + DAY), Secret("newer", "bbbb", NOW + SECOND, "")
    sealed = Sealed("own", "account", "key", "secret key", "aaaa", ("Safe",), NOW, "")

    assert state_of(sealed, Settings((own,)), NOW) == "in use"
    assert state_of(sealed, Settings((own, newer)), NOW + SECOND) == "old"
    assert state_of(sealed, Settings((own, newer)), NOW + DAY) == "dead"
    assert state_of(sealed, Settings((newer,)), NOW) == "dead"
