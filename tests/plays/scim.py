"""How is each deed of organizations' directories played?"""

from keysteward.actions import scim_tokens, scim_users
from keysteward.rules.accounts import SENDER
from keysteward.rules.provisioning.patches import patching, read_operations
from keysteward.rules.provisioning.tokens import Heard, Token
from tests.cast import ACME, CY, SAM
from tests.directory import described, group, token_of
from tests.plays.stage import Play, Scene, Stage, Told

HAND = "SCIM token Entra ID"


def make(on: Stage) -> Scene:
    """Cy makes a token."""
    cy, own, told = on.town.actor(CY), group(on.demo), Told("ScimTokenMade", CY.email, "", "")
    return Scene(on.demo, lambda: scim_tokens.make(on.demo, cy, own, "Okta"), told)


def revoke(on: Stage) -> Scene:
    """It is not needed any more."""
    cy, token, told = on.town.actor(CY), token_of(on.town), Told("ScimTokenRevoked", CY.email, "", "")
    return Scene(on.demo, lambda: scim_tokens.revoke(on.demo, cy, token.organization, token.id), told)


def choose_home(on: Stage) -> Scene:
    """Cy says where new users belong."""
    cy, own, told = on.town.actor(CY), group(on.demo), Told("ScimHomeChosen", CY.email, "", "")
    return Scene(on.demo, lambda: scim_tokens.choose_home(on.demo, cy, own, ACME.demo, SENDER.id), told)


def create(on: Stage) -> Scene:
    """Nell comes."""
    token, told = token_of(on.town), Told("ScimUserCreated", HAND, "", ACME.demo)
    return Scene(on.demo, lambda: scim_users.create(on.demo, token, described()), told)


def change(on: Stage) -> Scene:
    """Sam is called otherwise."""
    return _patched(on, token_of(on.town), "displayName", "Sammy", Told("ScimUserChanged", HAND, "", ""))


def leave(on: Stage) -> Scene:
    """Sam leaves."""
    return _patched(on, token_of(on.town), "active", "False", Told("LeaverReported", HAND, "", ""))


def come_back(on: Stage) -> Scene:
    """And comes back."""
    token, told = token_of(on.town), Told("LeaverBroughtBack", HAND, "", "")
    _patched(on, token, "active", "False", told).deed()
    return _patched(on, token, "active", "True", told)


def remove(on: Stage) -> Scene:
    """Sam is taken out of sight."""
    token, told = token_of(on.town), Told("LeaverReported", HAND, "", "")
    return Scene(on.demo, lambda: scim_users.remove(on.demo, token, SAM.demo, ()), told)


def remove_again(on: Stage) -> Scene:
    """Likewise, once he has left."""
    token, told = token_of(on.town), Told("ScimUserRemoved", HAND, "", "")
    _patched(on, token, "active", "False", told).deed()
    return Scene(on.demo, lambda: scim_users.remove(on.demo, token, SAM.demo, ()), told)


def note(on: Stage) -> Scene:
    """A request is remembered."""
    token = token_of(on.town)
    heard = Heard(token.organization, token.id, on.demo.now, "GET /Users", "", 200, "")
    return Scene(on.demo, lambda: scim_tokens.note(on.demo, heard), None)


def say_again(on: Stage) -> Scene:
    """The provider says what is known."""
    return _patched(on, token_of(on.town), "active", "True", None)


def _patched(on: Stage, token: Token, path: str, value: str, told: Told | None) -> Scene:
    wish = patching(read_operations([{"op": "Replace", "path": path, "value": value}]))
    return Scene(on.demo, lambda: scim_users.change(on.demo, token, SAM.demo, wish, ()), told)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("scim_tokens.make", make),
    ("scim_tokens.revoke", revoke),
    ("scim_tokens.choose_home", choose_home),
    ("scim_users.create", create),
    ("scim_users.change", change),
    ("scim_users.change to leave", leave),
    ("scim_users.change to come back", come_back),
    ("scim_users.remove", remove),
    ("scim_users.remove a leaver", remove_again),
)

SILENT: tuple[tuple[str, str, Play], ...] = (
    ("scim_tokens.note", "the list of requests is a help for admins, of which the newest fifty are kept", note),
    ("scim_users.change nothing", "providers repeat themselves", say_again),
)
