"""Who sets up an organization's identity provider, and is only a good one kept?"""

from dataclasses import replace

import pytest

from keysteward.actions import identity_providers, providers, signin
from keysteward.actions.identity_providers import Draft
from keysteward.crypto.sealing import Sealer
from keysteward.rules.refusals import (
    FRESH_SIGN_IN_NEEDED,
    INVALID_FIELD,
    NO_PROVIDER,
    NO_SUCH_OBJECT,
    NOT_AN_ORGANIZATION_ADMIN,
    NOT_SIGNED_IN,
    PROVIDER_NOT_USABLE,
    PROVIDER_SILENT,
)
from keysteward.store import providers as stored
from tests.cast import ADA, BO, CY, MALLORY, PASSWORD, SAM, refused
from tests.desk import ACME, Desk
from tests.mails import letters_to
from tests.peers.databases import kept_in
from tests.peers.provider import CLIENT_ID, CLIENT_SECRET


def test_the_clients_secret_is_sealed(desk: Desk) -> None:
    """No byte of it is in the database; saving again without one keeps it, but never for another issuer."""
    assert CLIENT_SECRET.encode() not in kept_in(desk.ctx)
    desk.configure(client_secret="", name="Acme SSO")
    assert signin.visit(desk.ctx, desk.sign_in()).user.id == SAM.demo
    desk.provider.document = {"issuer": desk.provider.origin + "/other"}
    desk.provider.answers["/other/.well-known/openid-configuration"] = desk.provider.answer(
        "/.well-known/openid-configuration", {}, {}
    )
    with refused(INVALID_FIELD, "client_secret"):
        desk.configure(client_secret="", issuer=desk.provider.origin + "/other")


def test_another_master_key_takes_the_secret_over(desk: Desk) -> None:
    """What was sealed with the old one is sealed anew, and opened with the new one alone."""
    old, new = b"o" * 32, b"n" * 32
    with desk.ctx.database.writing() as tx:
        (kept,) = stored.list_providers(tx)
        label = f"client secret of the provider of {ACME}"
        stored.save_provider(tx, replace(kept, client_secret_sealed=Sealer(old).seal(CLIENT_SECRET.encode(), label)))
        identity_providers.seal_secrets_anew(tx, Sealer(new, old))
        (anew,) = stored.list_providers(tx)

    assert identity_providers.opened_secret(replace(desk.ctx, sealer=Sealer(new)), anew) == CLIENT_SECRET


def test_another_issuer_ends_every_link(desk: Desk) -> None:
    """Who somebody was at one provider says nothing of another."""
    desk.sign_in()
    desk.provider.document = {"issuer": desk.provider.origin + "/other"}
    desk.provider.answers["/other/.well-known/openid-configuration"] = desk.provider.answer(
        "/.well-known/openid-configuration", {}, {}
    )
    desk.configure(issuer=desk.provider.origin + "/other")

    assert identity_providers.view(desk.ctx, desk.town.actor(CY), ACME).linked == []


def test_whoever_loses_the_link_is_signed_out(desk: Desk) -> None:
    """One user, or everybody where the provider goes or is another; the admin who does it stays."""
    cy = signin.sign_in(desk.ctx, CY.email, PASSWORD)
    ended = [desk.sign_in()]
    identity_providers.unlink(desk.ctx, desk.town.actor(CY), ACME, SAM.demo)
    ended.append(desk.sign_in())
    identity_providers.remove(desk.ctx, desk.town.actor(CY), ACME)
    for session in ended:
        with refused(NOT_SIGNED_IN):
            signin.visit(desk.ctx, session)

    assert signin.visit(desk.ctx, cy).user.id == CY.demo


# ── asking the provider ─────────────────────────────────────────────────────────────────────────────────────────────
def test_a_provider_is_asked_before_it_is_kept(desk: Desk) -> None:
    """One that calls itself otherwise, leads elsewhere, talks too long or not at all is not kept."""
    document = "/.well-known/openid-configuration"
    desk.provider.document = {"issuer": "https://evil.example"}
    with refused(PROVIDER_NOT_USABLE):
        desk.configure()
    desk.provider.document = {"token_endpoint": "http://localhost/token"}
    with refused(PROVIDER_NOT_USABLE):
        desk.configure()
    desk.provider.answers[document] = (302, {"Location": "https://10.0.0.1/"}, b"{}")
    with refused(PROVIDER_SILENT):
        desk.configure()
    desk.provider.answers[document] = (200, {}, b'{"issuer": "' + b"x" * 70_000 + b'"}')
    with refused(PROVIDER_SILENT):
        desk.configure()
    desk.provider.answers[document] = (404, {}, b"{}")
    with refused(PROVIDER_NOT_USABLE):
        desk.configure()


def test_endpoints_inside_the_house_are_not_asked(desk: Desk) -> None:
    """A provider that names an address of the operator's own network for its tokens is refused when it is asked."""
    cookie, asked = desk.begin()
    answer = desk.says(asked)
    desk.provider.document = {"token_endpoint": "https://169.254.169.254/latest/meta-data"}
    with refused(PROVIDER_NOT_USABLE):
        providers.finish(desk.ctx, ACME, cookie, answer)


@pytest.mark.parametrize(
    "issuer",
    ["", "login.example.com", "http://login.example.com", "https://", "https://a b.example", "https://u:p@a.example",
     "https://a.example/?x=1", "https://a.example/#x", "https://ä.example", "https://a.example:99999"],
)  # fmt: skip
def test_what_is_no_issuer(desk: Desk, issuer: str) -> None:
    """It is refused at its field, before anything is asked."""
    before = len(desk.provider.asked)
    with refused(INVALID_FIELD, "issuer"):
        desk.configure(issuer=issuer)
    assert len(desk.provider.asked) == before


def test_who_may_set_up_a_provider(desk: Desk) -> None:
    """An admin of the organization, freshly signed in: the admins of its accounts and programs may not even look."""
    draft = Draft("Evil", desk.provider.origin, CLIENT_ID, CLIENT_SECRET)
    for person in (ADA, MALLORY, BO):
        actor = desk.town.actor(person)
        with refused(NOT_AN_ORGANIZATION_ADMIN):
            identity_providers.configure(desk.ctx, actor, ACME, draft)
        with refused(NOT_AN_ORGANIZATION_ADMIN):
            identity_providers.view(desk.ctx, actor, ACME)
        with refused(NOT_AN_ORGANIZATION_ADMIN):
            identity_providers.unlink(desk.ctx, actor, ACME, SAM.demo)
    program = desk.town.actor(CY, permissions=frozenset())
    with refused(NOT_AN_ORGANIZATION_ADMIN):
        identity_providers.view(desk.ctx, program, ACME)
    with refused(FRESH_SIGN_IN_NEEDED):
        identity_providers.configure(desk.ctx, program, ACME, draft)
    with refused(FRESH_SIGN_IN_NEEDED):
        identity_providers.remove(desk.ctx, program, ACME)


def test_a_provider_that_was_removed(desk: Desk) -> None:
    """Nobody signs in with it any more, in the middle of a sign-in neither, and the admins are told."""
    cookie, asked = desk.begin()
    identity_providers.remove(desk.ctx, desk.town.actor(CY), ACME)
    with refused(NO_PROVIDER):
        providers.finish(desk.ctx, ACME, cookie, desk.says(asked))
    with refused(NO_PROVIDER):
        providers.begin(desk.ctx, ACME, "/")
    with refused(NO_SUCH_OBJECT):
        identity_providers.remove(desk.ctx, desk.town.actor(CY), ACME)

    assert letters_to(desk.ctx, CY.email) == ["identity-provider"] * 2
