"""How is each deed on accounts, people and their sessions played?"""

from keysteward.actions import accounts, kept_forms, setup, signin
from keysteward.rules.access import READ_KEYS
from keysteward.rules.accounts import ADMIN, NewUser
from keysteward.rules.kept_forms import KeptForm
from tests.cast import ACME, ADA, BO, COUNCIL, PASSWORD, SAM, SMALL, UNKNOWN
from tests.plays.stage import ANY, Play, Scene, Stage, Told


# ── accounts and people ─────────────────────────────────────────────────────────────────────────────────────────────
def newcomer() -> NewUser:
    """Somebody who has no user yet."""
    return NewUser("new@acme.example", "New", "Comer", ADMIN, PASSWORD, id=UNKNOWN)


def open_account(on: Stage) -> Scene:
    """A new account."""
    told = Told("AccountOpened", "new@acme.example", "", UNKNOWN)
    return Scene(
        on.demo, lambda: accounts.open_account(on.demo, "Newco", "Developer", newcomer(), account=UNKNOWN), told
    )


def set_up(on: Stage) -> Scene:
    """The first account of all."""
    ctx = on.empty()
    code = setup.make_code(ctx)
    told = Told("AccountOpened", "new@acme.example", "", ANY)
    return Scene(ctx, lambda: setup.set_up(ctx, code or "", "Newco", "Developer", newcomer()), told)


def make_code(on: Stage) -> Scene:
    """A code for the setup page."""
    ctx = on.empty()
    return Scene(ctx, lambda: setup.make_code(ctx), None)


def add_user(on: Stage) -> Scene:
    """A new user."""
    told = Told("UserAdded", ADA.email, "", ACME.demo)
    return Scene(on.demo, lambda: accounts.add_user(on.demo, ACME.demo, newcomer(), ADA.email), told)


def close_membership(on: Stage) -> Scene:
    """A member leaves."""
    told = Told("UserClosed", ADA.email, "", ACME.demo)
    return Scene(on.demo, lambda: accounts.close_membership(on.demo, ACME.demo, BO.demo, ADA.email), told)


def change_account(on: Stage) -> Scene:
    """An account is suspended."""
    told = Told("AccountChanged", "operator", "", ACME.demo)
    return Scene(on.demo, lambda: accounts.change_account(on.demo, ACME.demo, "operator", state="suspended"), told)


def create_organization(on: Stage) -> Scene:
    """A new organization."""
    founder = accounts.load_user(on.demo, ADA.demo)
    told = Told("OrganizationCreated", ADA.email, "", "")
    return Scene(
        on.demo,
        lambda: accounts.create_organization(on.demo, "New", founder, [SMALL.demo], "new.example", UNKNOWN),
        told,
    )


# ── signing in ──────────────────────────────────────────────────────────────────────────────────────────────────────
def sign_in(on: Stage) -> Scene:
    """Sam signs in."""
    return Scene(on.demo, lambda: signin.sign_in(on.demo, SAM.email, PASSWORD), Told("SignedIn", SAM.email, "", ""))


def fail_to_sign_in(on: Stage) -> Scene:
    """Somebody guesses."""
    return Scene(on.demo, lambda: signin.sign_in(on.demo, SAM.email, "wrong"), None)


def sign_out(on: Stage) -> Scene:
    """Sam signs out."""
    session = signin.sign_in(on.demo, SAM.email, PASSWORD)
    return Scene(on.demo, lambda: signin.sign_out(on.demo, session), Told("SignedOut", SAM.email, "", ""))


def choose_account(on: Stage) -> Scene:
    """Ada looks at another account."""
    session = signin.sign_in(on.demo, ADA.email, PASSWORD)
    return Scene(on.demo, lambda: signin.choose_account(on.demo, session, COUNCIL.demo), None)


def issue_token(on: Stage) -> Scene:
    """A personal access token."""
    told = Told("PersonalTokenIssued", ADA.email, "", "")
    return Scene(on.demo, lambda: signin.issue_personal_token(on.demo, on.ada, "CI", frozenset({READ_KEYS}), 1), told)


def revoke_token(on: Stage) -> Scene:
    """A personal access token is revoked."""
    signin.issue_personal_token(on.demo, on.ada, "CI", frozenset({READ_KEYS}), 1)
    token = signin.list_personal_tokens(on.demo, on.ada)[0].id
    told = Told("PersonalTokenRevoked", ADA.email, "", "")
    return Scene(on.demo, lambda: signin.revoke_personal_token(on.demo, on.ada, token), told)


def use_form(on: Stage) -> Scene:
    """A form is sent."""
    return Scene(on.demo, lambda: signin.use_form_once(on.demo, "n" * 32), None)


def keep_form(on: Stage) -> Scene:
    """A form comes after its session."""
    form = KeptForm("/apps", (("name", "Mine"),))
    return Scene(on.demo, lambda: kept_forms.keep(on.demo, on.ada.user, form), None)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("accounts.open_account", open_account),
    ("accounts.add_user", add_user),
    ("accounts.close_membership", close_membership),
    ("accounts.change_account", change_account),
    ("accounts.create_organization", create_organization),
    ("setup._found", set_up),
    ("signin.sign_in", sign_in),
    ("signin.sign_out", sign_out),
    ("signin.issue_personal_token", issue_token),
    ("signin.revoke_personal_token", revoke_token),
)

SILENT: tuple[tuple[str, str, Play], ...] = (
    ("signin.sign_in", "strangers could fill the history; failures are counted per address", fail_to_sign_in),
    ("setup.make_code", "nobody is there yet, and what comes of the code is an event", make_code),
    ("signin.choose_account", "where somebody looks changes nothing for anybody", choose_account),
    ("signin.use_form_once", "the deed of the form is the event", use_form),
    ("kept_forms.keep", "nothing was done yet: the form waits until its sender sends it", keep_form),
)
