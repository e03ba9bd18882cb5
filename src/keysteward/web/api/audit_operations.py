"""What can programs ask of the audit log, and of what is held on people?

A part of the one list in `operations.py`.
"""

from keysteward.rules import refusals as no
from keysteward.web.api import audit, personal_data
from keysteward.web.api.audit_shapes import AuditEvents, ErasedPerson, OwnPersonalData, PersonalData
from keysteward.web.api.openapi import Operation, Parameter
from keysteward.web.api.shapes import ACCOUNT, GUID, Nothing
from keysteward.web.audit_asked import ADDRESS, MOMENT

_EVENTS = "/api/v1/audit/events"
_PERSON = "/api/v1/people/{user}"
_FILTERS = (
    Parameter("account", "Events of one account; its admins may ask, and operators.", f"({ACCOUNT})?"),
    Parameter("organization", "Events of an organization and its accounts, for its admins.", f"({GUID})?"),
    Parameter("since", "From when on, in UTC.", f"({MOMENT})?"),
    Parameter("until", "Until when, in UTC.", f"({MOMENT})?"),
    Parameter("actor", "The address of whoever did it.", f"({ADDRESS})?"),
    Parameter("kind", "One kind of event, such as `KeyMoved`.", "([A-Za-z]{3,50})?"),
    Parameter("key", "Events of one integration key.", f"({GUID})?"),
    Parameter("user", "Events about one user, by GUID or address.", f"({GUID}|{ADDRESS})?"),
    Parameter("trace", "What one request did, by its trace token.", f"({GUID})?"),
    Parameter("words", "A text in names of deeds, ids and plain fields.", r"[^\x00]{0,100}"),
)
_PAGED = (
    *_FILTERS,
    Parameter("before", "Where the page begins, as the page before it says.", "([1-9][0-9]{0,14})?"),
    Parameter("limit", "How many events a page holds at most.", "([1-9][0-9]?|1[0-9]{2}|200)?"),
)
_READING = (
    no.TOKEN_LACKS_PERMISSION, no.NOT_AN_OPERATOR, no.NO_SUCH_ACCOUNT, no.NOT_AN_ADMIN, no.NO_SUCH_ORGANIZATION,
    no.INVALID_FIELD,
)  # fmt: skip
_OF_PERSON = (no.TOKEN_LACKS_PERMISSION, no.NOT_AN_OPERATOR, no.NO_SUCH_USER, no.FRESH_SIGN_IN_NEEDED)

# fmt: off
AUDIT_OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", _EVENTS, "Search the audit log: of an account, an organization, or all of it for operators.",
              audit.search_audit_log, AuditEvents, refusals=_READING, may_say=_PAGED),
    Operation("GET", _EVENTS + ".csv", "Every event that fits, as a table.", audit.download_audit_log,
              refusals=_READING, may_say=_FILTERS, download="text/csv"),

    # ── what is held on people ──────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", "/api/v1/me/personal-data", "All that is held on you.", personal_data.download_own_data,
              OwnPersonalData, refusals=(no.FRESH_SIGN_IN_NEEDED, no.TOO_MANY_EXPORTS), asker="person"),
    Operation("GET", _PERSON + "/personal-data", "What is held on somebody, for operators.",
              personal_data.download_personal_data, PersonalData, refusals=_OF_PERSON),
    Operation("POST", _PERSON + "/erasures", "Erase somebody who left, from every table and from the history.",
              personal_data.erase_person, ErasedPerson, 200, Nothing,
              (*_OF_PERSON, no.INVALID_FIELD, no.CONFLICT), asker="person"),
)
# fmt: on
