"""What does an error text, or what the server noted itself, say about one key in particular?"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from keysteward.rules.troubleshooting.attempted import Attempt
from keysteward.rules.troubleshooting.clues import Clues
from keysteward.rules.troubleshooting.facts import Facts, Place
from keysteward.rules.words import OTHER

NOTES: dict[str, str] = {
    "wrong secret": "The secret key that came is none of this app's.",
    "expired secret": "The secret key that came has expired.",
    "no secret has this shape": "What came as secret key cannot be one: it is no secret key of this environment.",
    "unknown or stopped key": "The key is stopped or deleted.",
    "no credentials": "No secret key came, and no assertion.",
    "unknown code": "The code was never issued here, or expired long ago.",
    "code came back": "The code was redeemed for a second time; what it had issued was ended.",
    "code_expired": "The code had expired.",
    "code_of_another_client": "The code was issued to another app.",
    "code_revoked": "The tokens of this app or user were revoked after the code was issued.",
    "grant_missing": "The app does not register the grant that this code needs.",
    "redirect_uri_differs": "The redirect URI is another one than the code was issued for.",
    "challenge_was_missing": "The code was issued without a PKCE challenge, and the app did not prove itself.",
    "verifier_wrong": "The verifier does not fit the challenge that the code was issued for.",
    "user_gone": "The user was closed, or is in no open account.",
    "consent_ended": "The user withdrew their consent.",
    "family_of_another_client": "The refresh token was issued to another app.",
    "made_with_what_leaked": "It was made with a secret key or keypair that leaked.",
    "client_type_differs": "The tokens began with a secret key, and none came now.",
    "refresh_grant_missing": "The app does not register the grant that this refresh token began with.",
    "scope_widened": "More scopes were asked than were consented.",
    "unknown refresh token": "The refresh token was never issued here, or expired long ago.",
    "refresh token came back": "The refresh token had been used before.",
    "refresh_expired": "The refresh token had expired.",
    "family_revoked": "The tokens of this app or user were revoked.",
    "family_dead": "The refresh token's family had been ended.",
    "refreshed_user_gone": "The user is not active any more, or withdrew their consent.",
    "audience_wrong": "The signature is good; aud names another server.",
    "times_malformed": "The signature is good; exp, iat or nbf is missing or no number.",
    "assertion_expired": "The signature is good; exp had passed.",
    "assertion_from_the_future": "The signature is good; iat or nbf lies in the future: the program's clock is ahead.",
    "assertion_lives_too_long": "The signature is good; exp lies too long after iat.",
    "scope_not_named": "The signature is good; scope is missing or no text.",
    "subject_malformed": "The signature is good; sub is no GUID.",
    "user_not_found": "The signature is good; sub is no active user here.",
    "consent_missing": "Signature and user are good; the consent is missing.",
    "assertion_grant_missing": "The app does not register the JWT grant.",
    "no assertion": "The field assertion was empty.",
}
_NOBODY_SIGNED = "None of the app's keypairs made the signature."
_DOCUSIGN_DEMO = ("account-d.docusign.com", "demo.docusign.net", "api-d.docusign.net", "apps-d.docusign.com")
_DOCUSIGN = ("account.docusign.com", "www.docusign.net", "api.docusign.net", "apps.docusign.com")


def about_text(clues: Clues, facts: Facts, place: Place) -> list[str]:
    """What stands in a text that does not fit this key or this environment."""
    return [*_keys(clues, facts), *_hosts(clues, facts, place), *differs(clues.redirect_uri, facts)]


def about_attempt(attempt: Attempt, facts: Facts) -> list[str]:
    """What the server saw beyond what it told."""
    said = NOTES.get(attempt.detail, "")
    if attempt.code == "missing-parameter" and attempt.detail:
        said = f"The parameter {attempt.detail} was missing."
    if attempt.code == "no-valid-keys-or-signatures" and not attempt.detail:
        said = _NOBODY_SIGNED
    return [*filter(None, [said]), *differs(attempt.redirect_uri, facts)]


def differs(sent: str, facts: Facts) -> list[str]:
    """How a redirect URI that was sent differs from those that are registered."""
    registered = facts.settings.redirect_uris
    if not sent or facts.app is None:
        return []
    if sent in registered:
        return [f"The redirect URI {sent} is registered here."]
    if not registered:
        return [f"The app sent {sent}, and has no redirect URI here."]
    near = min(registered, key=lambda each: len(_differences(sent, each)))
    return [f"The app sent {sent}. Registered is {near}: {_joined(_differences(sent, near))}."]


def _keys(clues: Clues, facts: Facts) -> list[str]:
    others = sorted(clues.keys - {facts.app.key}) if facts.app else []
    return [f"The text names another integration key, {other}." for other in others]


def _hosts(clues: Clues, facts: Facts, place: Place) -> list[str]:
    here, there = urlsplit(place.origin).netloc, urlsplit(place.other_origin).netloc
    said = []
    if there and there in clues.hosts and here not in clues.hosts:
        said.append(f"The text is about {there}, which is {OTHER[facts.environment]}; this is {facts.environment}.")
    if clues.hosts & {*_DOCUSIGN_DEMO} and clues.hosts & {*_DOCUSIGN}:
        said.append("The text names servers of Docusign's demo and of its production: use one of the two throughout.")
    return said


def _differences(sent: str, registered: str) -> list[str]:
    """The parts that differ, in words; the same address has none."""
    one, other = urlsplit(sent), urlsplit(registered)
    pairs = (
        ("the scheme", one.scheme, other.scheme),
        ("the host", one.hostname, other.hostname),
        ("the port", _port(one.netloc), _port(other.netloc)),
        ("the slash at the end", one.path.endswith("/"), other.path.endswith("/")),
        ("the path", one.path.strip("/").lower(), other.path.strip("/").lower()),
        ("the query", one.query, other.query),
    )
    found = [name for name, left, right in pairs if left != right]
    return found if found or sent == registered else ["capital letters"]


def _port(netloc: str) -> str:
    return netloc.rpartition("@")[2].partition("]")[2].partition(":")[2] if "[" in netloc else netloc.partition(":")[2]


def _joined(names: Iterable[str]) -> str:
    listed = list(names)
    verb = "differs" if len(listed) == 1 and listed[0] != "capital letters" else "differ"
    return f"{' and '.join(filter(None, [', '.join(listed[:-1]), listed[-1]]))} {verb}"
