"""Do declared people sign in as a file says: with an authenticator app, and with their organization's provider?"""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from keysteward.actions import factors, identity_providers, linking, signin
from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.rules.providers import Identity
from keysteward.rules.signin import Proof
from keysteward.twin.cast import PASSWORD
from tests.cast import START, Town
from tests.factors import code_of
from tests.twin.declaring import ACCOUNT, ADA, apply, mistaken, snapshots

LETTERS = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
BO = '[[demo.users]]\nemail = "bo@acme.example"\n'
GROUP = '[[demo.organizations]]\nname = "Acme Group"\ndomains = ["acme.example"]\n'
PROVIDER = (
    '[demo.organizations.identity_provider]\nname = "Acme ID"\nissuer = "https://id.acme.example"\n'
    'client_id = "ours"\nclient_secret = "of theirs"\n'
)


def sign_in(ctx: Context, email: str, code: str) -> str:
    """Whose session a password and a code open."""
    half = signin.sign_in(ctx, email, PASSWORD)
    assert signin.is_half(half)
    return signin.visit(ctx, signin.pass_second_step(ctx, half, Proof(unverified_code=code))).user.email


@pytest.fixture
def machine(empty: Town) -> Context:
    """Demo of an empty town, in a machine whose clock is right."""
    object.__setattr__(empty.demo, "machine_clock", time.time)
    return empty.demo


def test_a_declared_authenticator_app_signs_in(empty: Town, tmp_path: Path, machine: Context) -> None:
    """The secret is taken as people type it, and made where none is said; the code of this very moment is good."""
    typed = f'authenticator_app = "{LETTERS[:16].lower()} {LETTERS[16:]}"\n'
    made = apply(empty, tmp_path, ACCOUNT + ADA + typed + BO + 'authenticator_app = { created = "3 days" }\n')["demo"]
    one, other = made.factors.values()

    assert sign_in(machine, "ada@acme.example", code_of(LETTERS, time.time())) == "ada@acme.example"
    assert sign_in(machine, "bo@acme.example", code_of(other.secret, time.time())) == "bo@acme.example"
    assert sign_in(machine, "ada@acme.example", one.recovery_codes[0]) == "ada@acme.example"
    assert len(other.recovery_codes) == machine.policy.recovery_codes
    assert [factors.view(machine, user).app.created_at for user in made.factors] == [  # type: ignore[union-attr]
        START - timedelta(days=60),
        START - timedelta(days=3),
    ]


def test_a_declared_provider_speaks_for_whom_the_file_says(empty: Town, tmp_path: Path) -> None:
    """It is kept without being asked, its secret is there, and a linked person comes in by issuer and subject."""
    links = 'created = "9 days"\nlinks = [{ user = "bo@acme.example", subject = "b-1", created = "8 days" }]\n'
    apply(empty, tmp_path, ACCOUNT + ADA + BO + GROUP + PROVIDER + links)
    group = snapshots(empty)[0].groups[0]
    assert group.speaking is not None
    provider, link = group.speaking.provider, group.speaking.links[0]

    assert (provider.name, provider.client_id, group.speaking.client_secret) == ("Acme ID", "ours", "of theirs")
    assert (provider.changed_by, provider.changed_at) == ("ada@acme.example", START - timedelta(days=9))
    assert (link.domain, link.linked_at) == ("acme.example", START - timedelta(days=8))
    identity = Identity(provider.issuer, "b-1", "another@acme.example", email_verified=False)
    assert signin.visit(empty.demo, linking.enter(empty.demo, provider, identity)).user.email == "bo@acme.example"
    admin = Actor(next(iter(group.admins)), "ada@acme.example", START)
    assert identity_providers.view(empty.demo, admin, group.organization.id).provider == provider


def test_a_provider_speaks_for_its_own_domains_only(empty: Town, tmp_path: Path) -> None:
    """Nobody is linked behind the rule: the entry is named, and why."""
    links = 'links = [{ user = "zoe@other.example", subject = "z" }]\n'
    zoe = BO.replace("bo@acme.example", "zoe@other.example")
    with mistaken(
        "demo.organizations[0].identity_provider.links[0]: The identity provider knows you, but no user here can be "
        "yours: your address lies in no domain of the organization. Ask the admins of your organization."
    ):
        apply(empty, tmp_path, ACCOUNT + ADA + zoe + GROUP + PROVIDER + links)
