"""What can programs ask of an organization, and of the account that belongs to one? Part of the list of operations."""

from keysteward.rules import refusals as no
from keysteward.rules.custody.findings import SEVERITIES
from keysteward.web.api import custody_shapes as kept
from keysteward.web.api import organization_custody, organizations
from keysteward.web.api import organization_shapes as whole
from keysteward.web.api import shapes as as_
from keysteward.web.api.openapi import Operation, Parameter
from keysteward.web.api.organization_custody import CUSTODY, FINDING, NOBODY, STATUSES
from keysteward.web.api.organizations import OF_ACCOUNT, ORGANIZATION, ORGANIZATIONS
from keysteward.web.api.shapes import GUID

_OF_ORGANIZATION = (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_ORGANIZATION)
_GOVERNING = (no.NO_SUCH_ORGANIZATION, no.FRESH_SIGN_IN_NEEDED)
_OF_ITS_ACCOUNT = (no.NO_SUCH_ACCOUNT, no.NOT_AN_ADMIN)
_JOINING = (*_OF_ITS_ACCOUNT, no.FRESH_SIGN_IN_NEEDED)
_ASKED = (
    Parameter("status", "How the findings stand; open where nothing is said.", f"({'|'.join(STATUSES)})?"),
    Parameter("severity", "Findings of one severity only.", f"({'|'.join(SEVERITIES)})?"),
    Parameter("account", "Findings of one account only, by its GUID.", f"({GUID})?"),
    Parameter("owner", f"Findings that one user sees to, by GUID, or `{NOBODY}`.", f"({NOBODY}|{GUID})?"),
    Parameter("page", "Which page of them.", "([1-9][0-9]{0,5})?"),
    Parameter("limit", "How many findings a page holds at most.", "([1-9][0-9]?|1[0-9]{2}|200)?"),
)

# fmt: off
ORGANIZATION_OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", ORGANIZATIONS, "The organizations that you administer.", organizations.list_organizations,
              whole.Organizations),
    Operation("GET", ORGANIZATION, "An organization: its accounts, admins and claimed domains.",
              organizations.show_organization, whole.Organization, refusals=_OF_ORGANIZATION),
    Operation("POST", ORGANIZATION + "/admins", "Make somebody of its accounts an admin of an organization.",
              organizations.name_admin, None, 204, whole.NewOrganizationAdmin,
              (*_GOVERNING, no.INVALID_FIELD, no.ALREADY_AN_ADMIN), asker="person"),
    Operation("DELETE", ORGANIZATION + "/admins/{id}", "Remove an admin; the last active one stays.",
              organizations.remove_admin, None, 204,
              refusals=(*_GOVERNING, no.NO_SUCH_OBJECT, no.NO_SUCH_USER, no.LAST_ORGANIZATION_ADMIN), asker="person"),
    Operation("POST", ORGANIZATION + "/domains", "Claim a domain; it is pending until DNS shows its proof.",
              organizations.claim_domain, whole.ClaimedDomain, 201, whole.NewDomain,
              (*_GOVERNING, no.INVALID_FIELD, no.DOMAIN_CLAIMED, no.DOMAIN_TAKEN, no.TOO_MANY_DOMAINS),
              asker="person"),
    Operation("POST", ORGANIZATION + "/domains/{id}/checks", "Ask DNS for the proof of a claimed domain now.",
              organizations.check_domain, whole.ClaimedDomain, 200, as_.Nothing,
              (*_OF_ORGANIZATION, no.NO_SUCH_OBJECT)),
    Operation("DELETE", ORGANIZATION + "/domains/{id}", "Give a claimed domain up.", organizations.give_up_domain, None,
              204, refusals=(*_GOVERNING, no.NO_SUCH_OBJECT), asker="person"),
    Operation("POST", ORGANIZATION + "/account-requests", "Ask an account to join an organization, or to leave it.",
              organizations.ask_account, None, 204, whole.NewAccountRequest,
              (*_GOVERNING, no.INVALID_FIELD, no.ACCOUNT_LINKED, no.ALREADY_ASKED, no.ASKED_TOO_OFTEN,
               no.NO_SUCH_OBJECT), asker="person"),
    Operation("POST", ORGANIZATION + "/account-requests/{account}/agreement", "Let an account go that asked for it.",
              organizations.let_account_go, None, 204, whole.Agreement,
              (*_GOVERNING, no.INVALID_FIELD, no.NO_SUCH_OBJECT), asker="person"),
    Operation("DELETE", ORGANIZATION + "/account-requests/{account}", "Withdraw what was asked, or decline it.",
              organizations.end_account_request, None, 204,
              refusals=(no.NO_SUCH_ORGANIZATION, no.INVALID_FIELD, no.NO_SUCH_OBJECT), asker="person"),

    # ── custody ─────────────────────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", CUSTODY, "What puts the keys of an organization at risk, in all of its accounts.",
              organization_custody.show_organization_custody, kept.OrganizationCustody,
              refusals=(*_OF_ORGANIZATION, no.INVALID_FIELD), may_say=_ASKED),
    Operation("PUT", FINDING + "/acceptance", "Accept a finding of the organization itself until a day.",
              organization_custody.accept_organization_finding, kept.CustodyFinding, 200, kept.Acceptance,
              (*_OF_ORGANIZATION, no.NO_SUCH_OBJECT, no.INVALID_FIELD)),
    Operation("DELETE", FINDING + "/acceptance", "Take an acceptance of the organization back.",
              organization_custody.reopen_organization_finding, kept.CustodyFinding,
              refusals=(*_OF_ORGANIZATION, no.NO_SUCH_OBJECT)),
    Operation("PUT", FINDING + "/owner", "Say who sees to a finding of the organization itself.",
              organization_custody.assign_organization_finding, kept.CustodyFinding, 200, kept.Ownership,
              (*_OF_ORGANIZATION, no.NO_SUCH_OBJECT, no.INVALID_FIELD)),

    Operation("GET", OF_ACCOUNT, "The organization of an account, and what it is asked.",
              organizations.show_account_organization, whole.AccountOrganization, refusals=_OF_ITS_ACCOUNT,
              asker="person"),
    Operation("POST", OF_ACCOUNT, "Create an organization; this account is its first link.",
              organizations.create_organization, whole.NamedOrganization, 201, whole.NewOrganization,
              (*_JOINING, no.INVALID_FIELD, no.ACCOUNT_LINKED, no.ACCOUNT_NOT_OPEN), asker="person"),
    Operation("POST", OF_ACCOUNT + "/departure", "Ask the organization to let the account go.",
              organizations.ask_to_leave, None, 204, as_.Nothing,
              (*_JOINING, no.NO_SUCH_OBJECT, no.ALREADY_ASKED, no.ASKED_TOO_OFTEN), asker="person"),
    Operation("POST", OF_ACCOUNT + "/requests/{id}/agreement", "Agree to what an organization asks of an account.",
              organizations.agree_with_organization, None, 204, whole.Agreement,
              (*_JOINING, no.NO_SUCH_OBJECT, no.ACCOUNT_LINKED, no.ACCOUNT_NOT_OPEN), asker="person"),
    Operation("DELETE", OF_ACCOUNT + "/requests/{id}", "Decline what an organization asks, or withdraw what was asked.",
              organizations.decline_organization, None, 204, refusals=(*_OF_ITS_ACCOUNT, no.NO_SUCH_OBJECT),
              asker="person"),
)
# fmt: on
