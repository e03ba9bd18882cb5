"""Which columns may a written inventory have, and by which names do others call them?"""

import re
from typing import Literal, NamedTuple

from keysteward.rules.custody.inventory import Fact

RowKind = Literal["users", "accounts", "keys", "organizations"]


class Column(NamedTuple):
    """One column: what it holds, other names for it (Docusign's exports among them), and which facts it tells."""

    name: str
    holds: str
    also: tuple[str, ...] = ()
    tells: tuple[Fact, ...] = ()
    needed: bool = False


# fmt: off
COLUMNS: dict[RowKind, tuple[Column, ...]] = {
    "users": (
        Column("email", "The user's address.", ("useremail", "emailaddress", "mail"), needed=True),
        Column("account", "The account's GUID or name. Without it, the file is one account, named like the file.",
               ("accountid", "accountguid", "apiaccountid")),
        Column("account_name", "The account's name.", ("accountname",)),
        Column("name", "The user's name.", ("username", "fullname", "displayname")),
        Column("first_name", "Likewise, in two columns.", ("firstname", "givenname")),
        Column("last_name", "The other one.", ("lastname", "surname", "familyname")),
        Column("user", "The user's GUID.", ("userid", "userguid", "apiusername")),
        Column("profile", "The permission profile. DS Admin, Account Administrator and the like are admins.",
               ("esignpermissionprofile", "permissionprofile", "permissionprofilename", "permissionset", "dsprofile",
                "esignaturepermissionprofile", "docusignpermissionprofile"), ("people",)),
        Column("admin", "yes or no, where the profile does not tell.", ("isadmin", "administrator", "isaccountadmin"),
               ("people",)),
        Column("status", "active, or how the membership stands: invited, closed, disabled.",
               ("membershipstatus", "userstatus")),
        Column("last_sign_in", "The day of the last sign-in; empty for never.",
               ("lastlogin", "lastlogindate", "lastlogindatetime", "lastlogon", "lastsignin", "lastsignindate",
                "lastactive", "lastactivity"), ("sign-ins",)),
        Column("created", "Since when they are there.",
               ("createddate", "createddatetime", "dateadded", "datecreated", "useraddedtoaccountdatetime")),
        Column("service_admin", "yes for an admin that is no person.", ("service", "serviceaccount", "isservice"),
               ("service admins",)),
        Column("second_factor", "Which device is the second factor; several with ; between.", ("mfadevice", "device"),
               ("second factors",)),
        Column("drilled", "When a service admin was last tried in a drill.", ("lastdrill", "drilledat"), ("drills",)),
    ),
    "accounts": (
        Column("account", "The account's GUID.", ("accountid", "accountguid"), needed=True),
        Column("name", "Its name.", ("accountname",)),
        Column("environment", "production or demo; without it, production.", ("env", "site")),
        Column("plan", "Its plan.", ("planname", "currentplan")),
        Column("state", "open, suspended or closed.", ("status", "accountstatus")),
        Column("closed", "The day it closed.", ("closedon", "closeddate", "closedat")),
        Column("organization", "Its organization, by name or GUID.", ("organizationid", "organizationname", "org"),
               ("organizations",)),
    ),
    "keys": (
        Column("key", "The integration key.", ("integrationkey", "ikey", "clientid", "apikey"), needed=True),
        Column("account", "The management account, by GUID or name.", ("accountid", "managementaccount"), needed=True),
        Column("name", "The app's name.", ("app", "appname", "application")),
        Column("type", "The integration type.", ("integrationtype",)),
        Column("live", "yes or no; without it, keys of production accounts are live.", ("islive",)),
        Column("requester", "Who asked for the Go-Live review, by address.", ("requestedby", "goliverequester"),
               ("requesters",)),
        Column("recovery_contacts", "Further addresses on record; several with ; between.", ("recoverycontact",)),
        Column("created", "The day it was made.", ("createddate", "createdat")),
        Column("last_call", "The day of its last call; empty for never.", ("lastused", "lastapicall"), ("calls",)),
        Column("legacy_calls", "Calls with a password in the last 30 days.", ("passwordcalls",), ("legacy calls",)),
        Column("legacy_users", "How many users made them."),
        Column("grants", "confidential_code, public_code, implicit, jwt; several with ; between.", ("granttypes",)),
        Column("redirect_uris", "Its redirect URIs, with ; between.", ("redirecturi",), ("settings",)),
        Column("secrets", "When its secret keys end: 2027-01-31 or never, or NAME=2027-01-31, with ; between.",
               ("secretkeys",), ("credentials", "fingerprints")),
        Column("keypairs", "Likewise its keypairs. A name of 16 characters or more is taken as a thumbprint.",
               ("rsakeypairs",), ("credentials", "fingerprints")),
        Column("review_expires", "Until when its passed review is good.", ("reviewexpires",), ("reviews",)),
        Column("impersonates", "Users that it acts for by JWT, by address; several with ; between.",
               ("impersonateduser", "impersonatedusers")),
        Column("product", "The product that it is a key of."),
    ),
    "organizations": (
        Column("organization", "The organization's name or GUID.", ("organizationid",), needed=True),
        Column("name", "Its name.", ("organizationname",)),
        Column("admins", "Its admins, by address; several with ; between.", ("organizationadmins", "admin")),
        Column("domains", "The domains it claims and DNS proves; several with ; between.",
               ("claimeddomains", "reserveddomains"), ("domains",)),
        Column("lapsed_domains", "Those that DNS proves no more.", (), ("domains",)),
    ),
}
# fmt: on
_TELLS: dict[RowKind, tuple[Fact, ...]] = {
    "users": (),
    "accounts": (),
    "keys": ("keys",),
    "organizations": ("organizations",),
}
_NO_LETTER = re.compile(r"[^a-z0-9]")


def folded(name: str) -> str:
    """A heading without case, blanks and marks."""
    return _NO_LETTER.sub("", name.lower())


def column_of(kind: RowKind, heading: str) -> Column | None:
    """The column that a heading means."""
    name = folded(heading)
    return next((each for each in COLUMNS[kind] if name in (folded(each.name), *each.also)), None)


def kind_of(headings: list[str]) -> RowKind | None:
    """What the rows of a table are, by its headings."""
    names = {folded(each) for each in headings}
    for kind in ("keys", "users", "organizations", "accounts"):
        needed = [column for column in COLUMNS[kind] if column.needed]
        if all(names & {folded(column.name), *column.also} for column in needed):
            return _told_apart(kind, names)
    return None


def _told_apart(kind: RowKind, names: set[str]) -> RowKind:
    """A list of accounts may name their organization too."""
    return "accounts" if kind == "organizations" and names & {"account", "accountid", "accountguid"} else kind


def facts_of(kind: RowKind, columns: list[Column]) -> set[Fact]:
    """What rows with these columns tell of."""
    return {*_TELLS[kind], *(fact for column in columns for fact in column.tells)}
