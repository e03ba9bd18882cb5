"""Does the wire of SCIM say what RFC 7644 says, to providers as they are?"""

from typing import Any

from keysteward.actions import organizations, scim_tokens, signin
from keysteward.rules.access import PERMISSIONS
from keysteward.rules.provisioning.documents import CORE
from tests.cast import ADA, BO, CY, MALLORY, SAM, STRANGE, UNKNOWN, VERA, Made, Town
from tests.directory import NELL, Speaker, described, group, introduce

WELL_KNOWN = {"bulk": False, "patch": True, "filter": True, "changePassword": False, "sort": False, "etag": True}


def test_a_user_lives_from_post_to_delete(town: Town, entra: Speaker) -> None:
    """201 with Location and ETag, 200, 304, 412, 204, then 404; and a new life as the same user."""
    made = entra.ask("POST", "/Users", described(externalId="n-1"))
    here, tag = made.headers["Location"], made.headers["ETag"]
    path = "/Users/" + made.said["id"]

    assert (made.status, made.headers["Content-Type"]) == (201, "application/scim+json")
    assert here == f"{town.demo.origin}/scim/v2{path}"
    assert made.said["meta"] == {
        "resourceType": "User", "created": "2026-11-20T09:30:00Z", "location": here, "version": tag,
    }  # fmt: skip
    assert entra.ask("GET", path).said == made.said
    assert entra.ask("GET", path, headers={"If-None-Match": tag}).status == 304
    changed = entra.ask("PUT", path, described(displayName="Nelly"), headers={"If-Match": tag})
    assert (changed.status, changed.said["displayName"], "externalId" in changed.said) == (200, "Nelly", False)
    assert entra.ask("DELETE", path, headers={"If-Match": tag}).refusal == (412, "")
    gone = entra.ask("DELETE", path)
    assert (gone.status, gone.said) == (204, None)
    assert entra.ask("GET", path).refusal == (404, "")
    assert entra.ask("POST", "/Users", described()).said["id"] == made.said["id"]


def test_lists_and_searches(entra: Speaker) -> None:
    """Pages from 1, only what was asked for, and the same by POST; what is out of bounds is brought within."""
    found = entra.ask("GET", "/Users", params={"startIndex": 2, "count": 2, "attributes": "userName"}).said

    assert {**found, "Resources": []} == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 6, "startIndex": 2, "itemsPerPage": 2, "Resources": [],
    }  # fmt: skip
    assert [each.keys() for each in found["Resources"]] == [{"schemas", "id", "userName"}] * 2
    assert entra.names(filter=f'userName eq "{BO.email}"') == [BO.email]
    assert entra.names(startIndex=0, count=-1) == []
    assert entra.names(startIndex=-5, count=10**9, sortBy="userName") == entra.names()
    body = {"filter": 'emails[type eq "work" and value sw "bo"]', "excludedAttributes": ["emails", "name"]}
    for place in ("/Users/.search", "/.search"):
        (bo,) = entra.ask("POST", place, body).said["Resources"]
        assert (bo["userName"], bo.keys() & {"emails", "name"}) == (BO.email, set())


REFUSED: tuple[tuple[str, str, Any, tuple[int, str]], ...] = (
    ("GET", "/Users?filter=title pr", None, (400, "invalidFilter")),
    ("GET", "/Users?count=many", None, (400, "invalidValue")),
    ("GET", "/Users?count=1&COUNT=2", None, (400, "")),
    ("GET", f"/Users/{UNKNOWN}", None, (404, "")),
    ("GET", "/Users/bo", None, (404, "")),
    ("GET", "/Nothing", None, (404, "")),
    ("POST", "/Users", {}, (400, "invalidValue")),
    ("POST", "/Users", [], (400, "invalidSyntax")),
    ("POST", "/Users", described(BO.email), (409, "uniqueness")),
    ("POST", "/Users", described(MALLORY.email), (400, "invalidValue")),
    ("PATCH", f"/Users/{SAM.demo}", {"Operations": "x"}, (400, "invalidSyntax")),
    ("PATCH", f"/Users/{SAM.demo}", {"Operations": []}, (400, "invalidSyntax")),
    ("PATCH", f"/Users/{SAM.demo}", {"operations": [{"op": "remove", "path": "name"}]}, (400, "mutability")),
    ("PATCH", f"/Users/{SAM.demo}", {"Operations": [{"op": "remove"}]}, (400, "noTarget")),
    ("PATCH", f"/Users/{SAM.demo}", {"Operations": [{"op": "add", "path": "a b"}]}, (400, "invalidPath")),
    ("PUT", f"/Users/{BO.demo}", described("robert@acme.example"), (403, "")),
    ("POST", "/Groups", {"displayName": "Admins"}, (501, "")),
    ("GET", f"/Groups/{UNKNOWN}", None, (501, "")),
    ("POST", "/Bulk", {"Operations": []}, (501, "")),
    ("GET", "/Me", None, (501, "")),
    ("PATCH", "/Users", {}, (405, "")),
    ("POST", "/Schemas", {}, (405, "")),
)


def test_refusals_have_their_words(entra: Speaker) -> None:
    """The status and the scimType of RFC 7644 §3.12, always as an Error of the protocol."""
    found = [(method, path, body, entra.ask(method, path, body).refusal) for method, path, body, _ in REFUSED]

    assert list(REFUSED) == found


def test_bodies_have_bounds(entra: Speaker) -> None:
    """256 KiB, JSON, and one of two media types."""
    kinds = {"Content-Type": "application/scim+json; charset=utf-8"}

    assert entra.ask("POST", "/Users", data=b'{"userName": 1}', headers=kinds).refusal == (400, "invalidValue")
    assert entra.ask("POST", "/Users", data=b"{", headers=kinds).refusal == (400, "invalidSyntax")
    assert entra.ask("POST", "/Users", data=b"{}", headers={"Content-Type": "text/plain"}).refusal == (415, "")
    large = entra.ask("POST", "/Users", data=b'{"a": "' + b"x" * 262_144 + b'"}', headers=kinds)
    assert large.refusal == (413, "")


def test_it_says_what_it_is(entra: Speaker) -> None:
    """What is supported and what is not, one resource type, one schema, each also by its name."""
    service = entra.ask("GET", "/ServiceProviderConfig").said

    assert {name: service[name]["supported"] for name in WELL_KNOWN} == WELL_KNOWN
    assert [each["name"] for each in entra.ask("GET", "/ResourceTypes").said["Resources"]] == ["User"]
    (schema,) = entra.ask("GET", "/Schemas").said["Resources"]
    assert entra.ask("GET", f"/Schemas/{CORE}").said == schema
    assert {each["name"] for each in schema["attributes"] if each["required"]} == {
        "userName",
        "name",
        "emails",
        "active",
    }
    assert entra.ask("GET", "/ResourceTypes/User").said["schema"] == CORE
    assert entra.ask("GET", "/ResourceTypes/Group").refusal == (404, "")
    assert entra.ask("GET", "/Schemas/x").refusal == (404, "")


# ── the dialects ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_entra(entra: Speaker) -> None:
    """Its test of the connection, its look-up, its POST with attributes that nobody keeps, its soft deletion."""
    assert entra.names(filter=f'userName eq "{UNKNOWN}"') == []
    made = entra.ask("POST", "/Users", {
        "schemas": [CORE, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "externalId": "n", "userName": NELL, "active": True, "displayName": "Nell Newcomer",
        "emails": [{"primary": True, "type": "work", "value": NELL}],
        "meta": {"resourceType": "User"}, "name": {"formatted": "Nell N", "givenName": "Nell", "familyName": "N"},
        "title": "Clerk", "roles": [], "preferredLanguage": "en",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales"},
    })  # fmt: skip
    user = made.said["id"]
    work = 'emails[type eq "work"].value'
    changed = entra.patch(
        user,
        {"op": "Add", "path": work, "value": "nelly@acme.example"},
        {"op": "Replace", "path": "userName", "value": "nelly@acme.example"},
        {"op": "Replace", "path": "title", "value": "Boss"},
        {"op": "Add", "value": {"name.givenName": "Nelly", "displayName": "Nelly N"}},
    )

    assert (made.status, changed.status) == (201, 200)
    assert (changed.said["emails"][0]["value"], changed.said["userName"]) == ("nelly@acme.example",) * 2
    assert (changed.said["name"], changed.said["displayName"]) == ({"givenName": "Nelly", "familyName": "N"}, "Nelly N")
    assert entra.patch(user, {"op": "Replace", "path": "active", "value": "False"}).said["active"] is False
    assert entra.patch(user, {"op": "Replace", "path": "active", "value": "True"}).said["active"] is True


def test_okta(entra: Speaker) -> None:
    """Its look-up, its POST with a password, its PUT that deactivates, and its PUT that brings back."""
    assert entra.names(filter=f'userName eq "{NELL}"', startIndex=1, count=100) == []
    email = {"primary": True, "value": NELL, "type": "work"}
    said = described(emails=[email], password="1mz050nq", groups=[], locale="en-US", externalId="00u", active=True)
    user = entra.ask("POST", "/Users", said).said["id"]
    off = entra.ask("PUT", f"/Users/{user}", {**said, "id": user, "active": False})

    assert (off.status, off.said["active"]) == (200, False)
    assert entra.ask("PUT", f"/Users/{user}", {**said, "id": user}).said["active"] is True
    assert entra.patch(user, {"op": "replace", "value": {"active": False}}).said["active"] is False


# ── who may ask ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_nothing_but_a_scim_token_asks(town: Town, made: Made, address: str) -> None:
    """No personal access token, no access token, no session, no revoked token, and nothing without any."""
    token = introduce(town)
    scim_tokens.revoke(town.demo, town.actor(CY), group(town.demo), token.token.id)
    personal = signin.issue_personal_token(town.demo, town.actor(CY), "CI", frozenset(PERMISSIONS), 1)
    access = town.sign_in_with(town.demo, made, ADA).access_token

    for value in (token.value, personal, access, "", "x"):
        answer = Speaker(address, value).ask("GET", "/Users")
        assert (answer.refusal, answer.headers["WWW-Authenticate"][:6]) == ((401, ""), "Bearer")


def test_another_organizations_token_sees_its_own(town: Town, address: str, entra: Speaker) -> None:
    """Nobody of Acme, whatever it asks."""
    other = organizations.create(town.demo, town.actor(MALLORY), STRANGE.demo, "Strange Group").id
    value = scim_tokens.make(town.demo, town.actor(MALLORY), other, "Theirs").value
    theirs = Speaker(address, value)

    assert (theirs.names(), len(entra.names())) == ([], 6)
    for method, body in (("GET", None), ("PUT", described()), ("DELETE", None)):
        assert theirs.ask(method, f"/Users/{VERA.demo}", body).refusal == (404, "")
    assert theirs.patch(VERA.demo, {"op": "replace", "path": "active", "value": False}).refusal == (404, "")
    assert theirs.ask("POST", "/Users", described()).refusal == (400, "invalidValue")


def test_what_was_asked_is_remembered(town: Town, entra: Speaker) -> None:
    """Time, operation, user and outcome, refused or not, and when the token was used last."""
    entra.ask("GET", f"/Users/{SAM.demo}?attributes=userName")
    entra.ask("POST", "/Users", described(MALLORY.email))
    seen = scim_tokens.view(town.demo, town.actor(CY), group(town.demo))

    assert [(heard.operation, heard.user, heard.status, heard.code, name) for heard, name in seen.heard] == [
        ("POST /Users", "", 400, "outside-claimed-domains", "Entra ID"),
        ("GET /Users/{user}", SAM.demo, 200, "", "Entra ID"),
    ]
    assert seen.tokens[0].used_at == town.clock.now
