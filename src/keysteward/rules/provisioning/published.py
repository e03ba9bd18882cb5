"""What does our SCIM service say of itself (RFC 7643 §5 to §7)?"""

from collections.abc import Mapping, Sequence
from typing import Any

from keysteward.rules.provisioning.documents import CORE

Json = Mapping[str, Any]

USUAL_COUNT = 100
MOST_RESULTS = 200
_URN = "urn:ietf:params:scim:schemas:core:2.0:"
_API = "urn:ietf:params:scim:api:messages:2.0:"
LIST, ERROR = f"{_API}ListResponse", f"{_API}Error"


def _attribute(name: str, says: str, **other: object) -> dict[str, Any]:
    usual = {
        "name": name, "type": "string", "multiValued": False, "description": says, "required": False,
        "caseExact": False, "mutability": "readWrite", "returned": "default", "uniqueness": "none",
    }  # fmt: skip
    plain = {"boolean": ("caseExact", "uniqueness"), "complex": ("caseExact", "uniqueness")}
    kept = {key: value for key, value in usual.items() if key not in plain.get(str(other.get("type")), ())}
    return kept | other


_USER = {
    "schemas": [f"{_URN}Schema"],
    "id": CORE,
    "name": "User",
    "description": "Somebody in an account of the organization, whose address lies in a domain that it claims.",
    "attributes": [
        _attribute(
            "userName",
            "What the provider calls them: an address in an active claimed domain.",
            required=True,
            uniqueness="server",
        ),
        _attribute(
            "name",
            "Their name. Where it is not sent, it is made of displayName or of the address; it is never removed.",
            type="complex",
            required=True,
            subAttributes=[
                _attribute("givenName", "First name.", required=True),
                _attribute("familyName", "Last name."),
            ],
        ),
        _attribute("displayName", "Kept for the provider; the console shows the name."),
        _attribute(
            "emails",
            "The address. Of several the primary one is kept, or that for work. Where none is sent, it is userName.",
            type="complex",
            multiValued=True,
            required=True,
            subAttributes=[
                _attribute("value", "An address in an active claimed domain.", required=True, uniqueness="server"),
                _attribute("type", "What it is for.", canonicalValues=["work", "home", "other"]),
                _attribute("primary", "Whether it is the one to use.", type="boolean"),
            ],
        ),
        _attribute(
            "active",
            "Whether they may sign in. False ends all access at once. Where it is not sent, a new user is active.",
            type="boolean",
            required=True,
        ),
    ],
}
_TYPE = {
    "schemas": [f"{_URN}ResourceType"],
    "id": "User",
    "name": "User",
    "endpoint": "/Users",
    "description": "People of the organization.",
    "schema": CORE,
}


def service(base: str) -> Json:
    """What is supported, and what is not."""
    return {
        "schemas": [f"{_URN}ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_RESULTS},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "SCIM token",
                "description": "A token that an admin of the organization made in the console, as a Bearer token.",
                "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
                "primary": True,
            }
        ],
        "meta": _meta("ServiceProviderConfig", f"{base}/ServiceProviderConfig"),
    }


def resource_types(base: str) -> list[Json]:
    """The kinds of things that are offered: users, and nothing else."""
    return [{**_TYPE, "meta": _meta("ResourceType", f"{base}/ResourceTypes/User")}]


def schemas(base: str) -> list[Json]:
    """How users are described."""
    return [{**_USER, "meta": _meta("Schema", f"{base}/Schemas/{CORE}")}]


def listed(found: Sequence[Json], *, total: int | None = None, start: int = 1) -> Json:
    """A list answer (RFC 7644 §3.4.2)."""
    counted = {"totalResults": len(found) if total is None else total, "startIndex": start, "itemsPerPage": len(found)}
    return {"schemas": [LIST], **counted, "Resources": found}


def _meta(kind: str, location: str) -> dict[str, str]:
    return {"resourceType": kind, "location": location}
