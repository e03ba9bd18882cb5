"""How is each deed on members, invitations, profiles, leavers and accounts' states played?"""

from keysteward.actions import account_states, invitations, leavers, operators, people, profiles, sign_ups
from keysteward.rules.accounts import SENDER, VIEWER
from keysteward.rules.people import Invitation
from tests.cast import ACME, ADA, BO, CY, MALLORY, ORGANIZATION, PASSWORD, SAM, STRANGE
from tests.mails import link_to
from tests.plays.stage import ANY, Play, Scene, Stage, Told
from tests.signing_up import NEWCOMER, NINA, asked, let_everybody_in

NEW, HOST = "nell@acme.example", "Olga"


def opening(number: int = 0) -> account_states.Opening:
    """An account for somebody who is new."""
    return account_states.Opening(f"Newco {number}", "Developer", f"first{number}@newco.example", "First", "Admin")


def invited(on: Stage, email: str = NEW, profile: int = SENDER.id, *, is_service: bool = False) -> Invitation:
    """An invitation that Ada sent to Acme's demo account."""
    return invitations.invite(on.demo, on.ada, ACME.demo, invitations.Draft(email, profile, is_service))


def newcomer() -> invitations.Newcomer:
    """Whoever comes with it."""
    return invitations.Newcomer("Nell", "Newcomer", PASSWORD)


def of_acme(on: Stage, name: str, actor: str = ADA.email) -> Told:
    """What is told of a deed in Acme's demo account."""
    del on
    return Told(name, actor, "", ACME.demo)


# ── members ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def change_member(on: Stage) -> Scene:
    """Sam sees only."""
    return Scene(
        on.demo,
        lambda: people.change_profile(on.demo, on.ada, ACME.demo, SAM.demo, VIEWER.id),
        of_acme(on, "MemberProfileChanged"),
    )


def close_member(on: Stage) -> Scene:
    """Bo's membership ends."""
    return Scene(on.demo, lambda: people.close_member(on.demo, on.ada, ACME.demo, BO.demo), of_acme(on, "UserClosed"))


def reactivate(on: Stage) -> Scene:
    """Bo's membership begins again."""
    people.close_member(on.demo, on.ada, ACME.demo, BO.demo)
    return Scene(
        on.demo, lambda: people.reactivate(on.demo, on.ada, ACME.demo, BO.demo), of_acme(on, "UserReactivated")
    )


# ── invitations ─────────────────────────────────────────────────────────────────────────────────────────────────────
def invite(on: Stage) -> Scene:
    """Nell is invited."""
    return Scene(on.demo, lambda: invited(on), of_acme(on, "UserInvited"))


def withdraw(on: Stage) -> Scene:
    """She is not, after all."""
    made = invited(on)
    return Scene(
        on.demo,
        lambda: invitations.withdraw(on.demo, on.ada, ACME.demo, made.id),
        of_acme(on, "InvitationWithdrawn"),
    )


def accept(on: Stage) -> Scene:
    """Nell comes as a new user."""
    invited(on)
    link = link_to(on.demo, NEW)
    return Scene(on.demo, lambda: invitations.accept(on.demo, link, newcomer()), of_acme(on, "UserJoined", NEW))


def join(on: Stage) -> Scene:
    """Mallory comes with the user that she has."""
    invited(on, MALLORY.email)
    link, mallory = link_to(on.demo, MALLORY.email), on.town.actor(MALLORY)
    return Scene(on.demo, lambda: invitations.join(on.demo, mallory, link), of_acme(on, "UserJoined", MALLORY.email))


# ── accounts of one's own ───────────────────────────────────────────────────────────────────────────────────────────
def ask_for_account(on: Stage) -> Scene:
    """Nina asks for one."""
    let_everybody_in(on.demo)
    return Scene(on.demo, lambda: sign_ups.ask(on.demo, NINA, "Parcels"), Told("SignUpLinkSent", "system", "", ""))


def open_account(on: Stage) -> Scene:
    """She opens it."""
    let_everybody_in(on.demo)
    link = asked(on.demo)
    return Scene(
        on.demo,
        lambda: sign_ups.open_account(on.demo, link, NEWCOMER),
        Told("AccountOpened", NINA, "", ANY),
    )


def open_another(on: Stage) -> Scene:
    """Mallory opens one beside hers."""
    let_everybody_in(on.demo)
    link, mallory = asked(on.demo, MALLORY.email), on.town.actor(MALLORY)
    told = Told("AccountOpened", MALLORY.email, "", ANY)
    return Scene(on.demo, lambda: sign_ups.open_another(on.demo, mallory, link), told)


# ── permission profiles ─────────────────────────────────────────────────────────────────────────────────────────────
def make_profile(on: Stage) -> Scene:
    """A profile of Acme's own."""
    draft = profiles.Draft("Key watcher", frozenset({"account:key:read"}))
    return Scene(on.demo, lambda: profiles.make(on.demo, on.ada, ACME.demo, draft), of_acme(on, "ProfileMade"))


def change_profile(on: Stage) -> Scene:
    """It allows less."""
    made = profiles.make(on.demo, on.ada, ACME.demo, profiles.Draft("Key watcher", frozenset({"account:key:read"})))
    draft = profiles.Draft("Watcher", frozenset())
    return Scene(
        on.demo,
        lambda: profiles.change(on.demo, on.ada, ACME.demo, made.id, draft),
        of_acme(on, "ProfileChanged"),
    )


def remove_profile(on: Stage) -> Scene:
    """Nobody needs it."""
    made = profiles.make(on.demo, on.ada, ACME.demo, profiles.Draft("Key watcher", frozenset()))
    return Scene(on.demo, lambda: profiles.remove(on.demo, on.ada, ACME.demo, made.id), of_acme(on, "ProfileRemoved"))


# ── leavers and accounts ────────────────────────────────────────────────────────────────────────────────────────────
def report(on: Stage) -> Scene:
    """Cy says that Bo left the organization."""
    council = leavers.Council(on.town.actor(CY), ORGANIZATION["demo"])
    told = Told("LeaverReported", CY.email, "", "")
    return Scene(on.demo, lambda: leavers.report(on.demo, council, BO.demo, "Left in June."), told)


def bring_back(on: Stage) -> Scene:
    """An operator takes it back."""
    leavers.report(on.demo, leavers.Operating(HOST), BO.demo, "Left in June.")
    told = Told("LeaverBroughtBack", "operator Olga", "", "")
    return Scene(on.demo, lambda: leavers.bring_back(on.demo, leavers.Operating(HOST), BO.demo), told)


def open_for(on: Stage) -> Scene:
    """An operator opens an account for somebody."""
    told = Told("AccountOpened", "operator Olga", "", ANY)
    return Scene(on.demo, lambda: account_states.open_for(on.demo, HOST, opening()), told)


def suspend(on: Stage) -> Scene:
    """An operator of the console suspends one."""
    operators.add(on.demo, MALLORY.email, HOST)
    mallory, told = on.town.actor(MALLORY), Told("AccountChanged", MALLORY.email, "", ACME.demo)
    return Scene(on.demo, lambda: account_states.change_state(on.demo, mallory, ACME.demo, "suspend", "Unpaid."), told)


def change_plan(on: Stage) -> Scene:
    """An operator gives one another plan."""
    told = Told("AccountChanged", "operator Olga", "", STRANGE.demo)
    return Scene(on.demo, lambda: account_states.change_plan(on.demo, HOST, STRANGE.demo, "Enhanced", "Bought."), told)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("people.change_profile", change_member),
    ("people.close_member", close_member),
    ("people.reactivate", reactivate),
    ("invitations.invite", invite),
    ("invitations.withdraw", withdraw),
    ("invitations.accept", accept),
    ("invitations.join", join),
    ("sign_ups.ask", ask_for_account),
    ("sign_ups.open_account", open_account),
    ("sign_ups.open_another", open_another),
    ("profiles.make", make_profile),
    ("profiles.change", change_profile),
    ("profiles.remove", remove_profile),
    ("leavers.report", report),
    ("leavers.bring_back", bring_back),
    ("account_states.open_for", open_for),
    ("account_states.change_state", suspend),
    ("account_states.change_plan", change_plan),
)
