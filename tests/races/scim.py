"""Who races over the people of an organization's directory?"""

from collections.abc import Generator

from keysteward.actions import scim_tokens, scim_users, transfers
from keysteward.actions.scim_users import Shown
from keysteward.rules.accounts import SENDER
from keysteward.rules.provisioning.patches import patching, read_operations
from keysteward.rules.provisioning.tokens import KEPT_REQUESTS, Heard, Token
from tests.cast import ACME, ADA, BO, CY, ROBIN, SAM
from tests.directory import NELL, described, group, token_of
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns
from tests.transferring import accepted, sentence

Story = Generator[Runner, Came, None]


def says(on: Ground, token: Token, user: str, path: str, value: object) -> Shown:
    """The provider changes one attribute."""
    wish = patching(read_operations([{"op": "replace", "path": path, "value": value}]))
    return scim_users.change(on.demo, token, user, wish, ())


@race(scim_users.create)
def one_user_is_created_once(on: Ground) -> Story:
    """A hundred requests of two tokens for one address make one user, and a hundred answers are no failure."""
    token = token_of(on.town)
    other = scim_tokens.make(on.demo, on.town.actor(CY), token.organization, "Okta").token
    came = yield lambda number: scim_users.create(on.demo, (token, other)[number % 2], described())

    came.once("scim-user-taken")
    assert rows(on.demo.database, f"SELECT count(*) FROM users WHERE email_folded = '{NELL}'") == [(1,)]  # noqa: S608
    assert events_of(on.demo, "ScimUserCreated") == 1


@race(scim_users.create, scim_users.change)
def one_name_is_given_once(on: Ground) -> Story:
    """Whoever is created or renamed to it, one user has it."""
    token = token_of(on.town)
    came = yield taking_turns(
        lambda _: scim_users.create(on.demo, token, described("one@acme.example")),
        lambda _: says(on, token, SAM.demo, "userName", "one@acme.example"),
    )

    query = "SELECT count(*) FROM users WHERE email_folded = 'one@acme.example'"
    assert rows(on.demo.database, query) == [(1,)]
    assert set(came.refusals) <= {"scim-user-taken"}


@race(scim_users.change, scim_users.remove, scim_users.create)
def somebody_comes_and_goes(on: Ground) -> Story:
    """However they are reported, brought back, removed and created again, they are one user, in or out as a whole."""
    token = token_of(on.town)
    came = yield taking_turns(
        lambda _: says(on, token, SAM.demo, "active", value=False),
        lambda _: says(on, token, SAM.demo, "active", value=True),
        lambda _: scim_users.remove(on.demo, token, SAM.demo, ()),
        lambda _: scim_users.create(on.demo, token, described(SAM.email)),
    )

    assert set(came.refusals) <= {"no-such-user", "scim-user-taken"}
    standing = rows(on.demo.database, "SELECT count(*) FROM departures WHERE ended_at IS NULL")[0][0]
    ((state,),) = rows(on.demo.database, f"SELECT state FROM users WHERE id = '{SAM.demo}'")  # noqa: S608
    assert (state, standing) in {("active", 0), ("closed", 1)}
    assert events_of(on.demo, "LeaverReported") - events_of(on.demo, "LeaverBroughtBack") == standing


@race(scim_users.change)
def three_admins_leave_by_a_directory(on: Ground) -> Story:
    """A hundred words about the last three admins are three, and nobody is left."""
    token, admins = token_of(on.town), (ADA, BO, ROBIN)
    came = yield lambda number: says(on, token, admins[number % 3].demo, "active", value=False)

    assert len(came.answers) == 100
    assert events_of(on.demo, "LeaverReported") == 3


@race(scim_users.change, transfers.confirm)
def no_leaver_confirms_a_transfer(on: Ground) -> Story:
    """Whatever comes first, nobody confirms who had left: the confirmation stands before the departure, or nowhere."""
    ctx, live = on.production, on.town.go_live(on.made)
    token, transfer = token_of(on.town, ctx), accepted(on.town, live)
    said, ada = sentence(ctx, transfer, "source"), on.town.actor(ADA, ctx)
    wish = patching(read_operations([{"op": "replace", "path": "active", "value": False}]))
    came = yield taking_turns(
        lambda _: transfers.confirm(ctx, ada, transfer.id, "source", said),
        lambda _: scim_users.change(ctx, token, ADA.production, wish, ()),
    )

    told = [name for (name,) in rows(ctx.database, "SELECT name FROM events ORDER BY sequence")]
    assert told.count("LeaverReported") == 1
    assert told.count("TransferConfirmed") <= 1
    assert "TransferConfirmed" not in told[told.index("LeaverReported") :]
    assert len(came.answers) >= 50


@race(scim_tokens.make, scim_tokens.revoke, scim_tokens.choose_home, scim_tokens.note)
def tokens_change_over(on: Ground) -> Story:
    """However many are made and revoked while requests come, two live at most, and the list stays short."""
    cy, own, token = on.town.actor(CY), group(on.demo), token_of(on.town)
    heard = Heard(own, token.id, on.demo.now, "GET /Users", "", 200, "")
    came = yield taking_turns(
        lambda number: scim_tokens.make(on.demo, cy, own, f"Token {number}"),
        lambda _: scim_tokens.revoke(on.demo, cy, own, token.id),
        lambda _: scim_tokens.choose_home(on.demo, cy, own, ACME.demo, SENDER.id),
        lambda _: scim_tokens.note(on.demo, heard),
    )

    assert rows(on.demo.database, "SELECT count(*) FROM scim_tokens") == [(2,)]
    assert rows(on.demo.database, "SELECT count(*) FROM scim_homes") == [(1,)]
    assert rows(on.demo.database, "SELECT count(*) FROM scim_requests")[0][0] <= KEPT_REQUESTS
    assert events_of(on.demo, "ScimTokenRevoked") == 1
    assert set(came.refusals) <= {"too-many-scim-tokens", "no-such-object"}
