"""Can programs of admins, organizations and operators do what their pages do, and no more?"""

from keysteward.actions import operators
from keysteward.rules.accounts import ADMIN, DEVELOPER, SENDER
from tests.cast import ACME, ADA, BO, CY, MALLORY, ORGANIZATION, SAM, SMALL, UNKNOWN, VERA
from tests.mails import letters_to
from tests.web.api.program import House

MEMBERS = f"/accounts/{ACME.demo}/members"
INVITATIONS = f"/accounts/{ACME.demo}/invitations"
PROFILES = f"/accounts/{ACME.demo}/profiles"
THEIR_LEAVERS = f"/organizations/{ORGANIZATION['demo']}/leavers"
NEW = "nell@acme.example"


def test_members_are_seen_changed_closed_and_reactivated(house: House) -> None:
    """Each answer says how the member stands then."""
    program, sam = house.program(), f"{MEMBERS}/{SAM.demo}"
    assert {each["email"] for each in program.get(MEMBERS)["members"]} >= {ADA.email, SAM.email}
    assert program.get(sam)["profile_name"] == "DS Sender"
    changed = program.ask("PATCH", sam, {"profile": DEVELOPER.id}).json()
    assert (changed["profile"], changed["profile_name"]) == (DEVELOPER.id, "Developer")
    assert program.ask("DELETE", sam).status_code == 204
    assert program.get(sam)["state"] == "closed"
    assert program.ask("POST", f"{sam}/reactivations").json()["state"] == "active"

    assert program.refused("POST", f"{sam}/reactivations") == (409, "already-a-member", "email")
    assert program.refused("PATCH", sam, {"profile": 20_001}) == (422, "invalid-field", "profile")
    assert program.refused("GET", f"{MEMBERS}/{MALLORY.demo}") == (404, "no-such-user", "")
    assert house.program(SAM).refused("GET", MEMBERS) == (403, "not-an-admin", "")
    reading = house.program(permissions=frozenset({"account:member:read"}))
    assert reading.refused("DELETE", sam) == (403, "token-lacks-permission", "")


def test_an_invitation_is_sent_once_and_withdrawn(house: House) -> None:
    """Its link goes out by mail and is in no answer; a service admin is a person's deed."""
    program, body = house.program(), {"email": NEW, "profile": SENDER.id}
    first = program.make(INVITATIONS, body, **{"Idempotency-Key": "one"})
    assert program.make(INVITATIONS, body, **{"Idempotency-Key": "one"}) == first
    assert (letters_to(house.town.demo, NEW), "ksl_" in str(first)) == (["invitation"], False)
    assert program.get(INVITATIONS)["invitations"] == [first]
    assert program.ask("DELETE", f"{INVITATIONS}/{first['id']}").status_code == 204

    assert program.refused("DELETE", f"{INVITATIONS}/{first['id']}") == (404, "no-such-object", "")
    assert program.refused("POST", INVITATIONS, body | {"email": SAM.email}) == (409, "already-a-member", "email")
    service = {"email": "keys@acme.example", "profile": ADMIN.id, "is_service": True}
    assert program.refused("POST", INVITATIONS, service) == (403, "fresh-sign-in-needed", "")
    assert house.console().make(INVITATIONS, service)["is_service"] is True


def test_profiles_of_an_accounts_own(house: House) -> None:
    """Made, changed and removed; those of every account stay as they are."""
    program = house.program()
    made = program.make(PROFILES, {"name": "Key watcher", "permissions": ["account:key:read"]})
    own = f"{PROFILES}/{made['id']}"
    assert made in program.get(PROFILES)["profiles"]
    changed = program.ask("PUT", own, {"name": "Watcher", "permissions": []}).json()
    assert (changed["name"], changed["permissions"]) == ("Watcher", [])
    program.ask("PATCH", f"{MEMBERS}/{VERA.demo}", {"profile": made["id"]})
    assert program.refused("DELETE", own) == (409, "profile-in-use", "")
    program.ask("PATCH", f"{MEMBERS}/{VERA.demo}", {"profile": DEVELOPER.id})
    assert program.ask("DELETE", own).status_code == 204

    assert program.refused("DELETE", f"{PROFILES}/{ADMIN.id}") == (409, "profile-fixed", "")
    for unknown in ("29999", "nonsense", "1" * 10, "\u0661"):
        assert program.refused("DELETE", f"{PROFILES}/{unknown}") == (404, "no-such-object", "")
    named = {"name": "ds viewer", "permissions": []}
    assert program.refused("POST", PROFILES, named) == (422, "invalid-field", "name")


def test_an_organization_reports_and_brings_back(house: House) -> None:
    """Bo's program is out at once, and comes back with a new token only."""
    council, bo = house.program(CY), house.program(BO)
    left = council.make(THEIR_LEAVERS, {"email": BO.email, "reason": "Left in June."})
    assert (left["is_whole"], left["source"], left["reported_by"]) == (True, "organization admin", CY.email)
    assert bo.refused("GET", "/me").code == "not-signed-in"
    assert [each["email"] for each in council.get(THEIR_LEAVERS)["leavers"]] == [BO.email]
    assert council.ask("DELETE", f"{THEIR_LEAVERS}/{BO.demo}").status_code == 204

    assert bo.refused("GET", "/me").code == "not-signed-in"
    assert house.program(BO).get("/me")["user"]["email"] == BO.email
    assert council.refused("DELETE", f"{THEIR_LEAVERS}/{BO.demo}") == (404, "no-such-object", "")
    body = {"email": MALLORY.email, "reason": "x"}
    assert council.refused("POST", THEIR_LEAVERS, body).code == "no-such-user"
    assert house.program().refused("POST", THEIR_LEAVERS, body).code == "not-an-organization-admin"


def test_operators_handle_accounts_and_leavers(house: House) -> None:
    """Opened, suspended, closed, reopened, on another plan; strangers and admins are told that they are none."""
    operators.add(house.town.demo, MALLORY.email, "Olga")
    olga, at = house.program(MALLORY), f"/accounts/{SMALL.demo}"
    opened = olga.make("/accounts", {
        "name": "Newco", "plan": "Developer", "email": "first@newco.example", "first_name": "First",
    })  # fmt: skip
    assert olga.get("/accounts?words=newco")["accounts"] == [opened]
    for deed, state in (("suspend", "suspended"), ("close", "closed"), ("reopen", "open")):
        assert olga.ask("PUT", f"{at}/state", {"deed": deed, "reason": "Unpaid."}).json()["state"] == state
    assert olga.ask("PUT", f"{at}/plan", {"plan": "Enhanced", "reason": "Bought."}).json()["plan"] == "Enhanced"
    assert olga.get(at)["admins"] == 1

    assert olga.refused("PUT", f"{at}/state", {"deed": "reopen", "reason": "x"}) == (409, "account-state", "state")
    assert olga.refused("GET", f"/accounts/{UNKNOWN}") == (404, "no-such-account", "")
    assert house.program().refused("GET", at) == (403, "not-an-operator", "")
    olga.make("/leavers", {"email": SAM.email, "reason": "Left."})
    assert [each["user"] for each in olga.get("/leavers")["leavers"]] == [SAM.demo]
    assert olga.ask("DELETE", f"/leavers/{SAM.demo}").status_code == 204
    assert house.program().refused("GET", "/leavers") == (403, "not-an-operator", "")
