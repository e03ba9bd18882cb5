"""Whom and what does a file mean by a name?"""

import re
import uuid

from keysteward.rules.accounts import ADMIN
from keysteward.rules.drills import Result
from keysteward.rules.transfers import End
from keysteward.rules.words import ENVIRONMENTS, Environment
from keysteward.twin.declared.shapes import (
    Account,
    AuthenticatorApp,
    BlockedApp,
    Declaration,
    Domain,
    Membership,
    Organization,
    User,
)
from keysteward.twin.declared.shapes_apps import Answer, AnyApp, DemoApp, Keypair, Question, Secret
from keysteward.twin.declared.shapes_custody import Ended, LinkedAccount, OrganizationAdmin, Step, Taken
from keysteward.twin.declared.shapes_programs import ScimToken, Webhook
from keysteward.twin.declared.shapes_ways_back import DrillResult, RecoveryContact, RecoveryRecipient, Replaced

ENVELOPES = "/restapi/v2.1/accounts/{account}/envelopes"

_ACCOUNT = re.compile(r"/accounts/([^/?]+)", re.IGNORECASE)
_OURS = uuid.UUID("5eed0000-0000-4000-8000-000000000000")


class Names:
    """What the things of one kind may be called by: their GUIDs, and names that are theirs alone."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._guids: dict[str, set[str]] = {}

    def add(self, guid: str, *names: str) -> None:
        """Let a thing be called by its GUID and these names."""
        for name in (guid, *names):
            if name:
                self._guids.setdefault(name.strip().casefold(), set()).add(guid)

    def find(self, name: str) -> str | None:
        """The GUID behind a name, if there is exactly one."""
        found = self._guids.get(name.strip().casefold(), set())
        return next(iter(found)) if len(found) == 1 else None

    def load(self, name: str) -> str:
        """The GUID behind a name that was checked."""
        found = self.find(name)
        if found is None:
            raise LookupError(name)
        return found

    def why_not(self, name: str) -> str:
        """Why a name finds nothing, and what to do about it."""
        if name.strip().casefold() in self._guids:
            return f"several {self._kind}s are called {name}; give the GUID."
        return f"no {self._kind} called {name} is declared here."


class Known:
    """All that one environment of a file declares, by name. The declaration may still be wrong.

    `keys` are the apps of demo, `apps` those of this environment; `replaced` has by new key which one it replaces.
    """

    def __init__(self, declaration: Declaration, environment: Environment) -> None:
        self.environment: Environment = environment
        self.declared = declaration.demo if environment == "demo" else declaration.production
        self.apps_declared: list[AnyApp] = [*self.declared.apps]
        self.transfers_declared = [] if environment == "demo" else declaration.production.transfers
        self.retirements_declared = [] if environment == "demo" else declaration.production.retirements
        self.accounts = Names("account")
        self.users = Names("user")
        self.organizations = Names("organization")
        self.apps = Names("app")
        self.emails: dict[str, str] = {}
        for account in self.declared.accounts:
            self.accounts.add(self.account_guid(account), account.name)
        for user in self.declared.users:
            self.users.add(self.user_guid(user), user.email)
            self.emails[self.user_guid(user)] = user.email
        for organization in self.declared.organizations:
            self.organizations.add(self.organization_guid(organization), organization.name)
        self.keys = Names("app")
        for app in declaration.demo.apps:
            self.keys.add(key_of(app), app.name)
        self.replaced = {key_of(app): self._replaced_by(app) for app in declaration.demo.apps if app.replaces}
        for each in self.apps_declared:
            if key := self.key_of(each):
                self.apps.add(key, each.name or "", *(app.name for app in declaration.demo.apps if key_of(app) == key))
        self.admins = self._admins()

    def successors(self, key: str) -> list[str]:
        """The keys that say they replace one."""
        return [new for new, old in self.replaced.items() if old == key]

    def account(self, name: str) -> Account | None:
        """The account that a name finds, if it finds one."""
        guid = self.accounts.find(name)
        return next((each for each in self.declared.accounts if self.account_guid(each) == guid), None)

    def account_guid(self, account: Account) -> str:
        """An account's GUID."""
        return _guid(account.guid, self.environment, "account", account.name)

    def user_guid(self, user: User) -> str:
        """A user's GUID."""
        return _guid(user.guid, self.environment, "user", user.email)

    def organization_guid(self, organization: Organization) -> str:
        """An organization's GUID."""
        return _guid(organization.guid, self.environment, "organization", organization.name)

    def key_of(self, app: AnyApp) -> str | None:
        """An app's integration key; in production it names an app of demo."""
        return key_of(app) if isinstance(app, DemoApp) else self.keys.find(app.key)

    def memberships(self, user: User) -> list[Membership]:
        """A user's memberships; whoever declares none is an admin of the first account."""
        if user.memberships is not None:
            return user.memberships
        return [Membership(account=self.account_guid(each)) for each in self.declared.accounts[:1]]

    def linked_to(self, organization: Organization) -> list[LinkedAccount]:
        """An organization's accounts: every account unless it says which."""
        if organization.accounts is not None:
            return [linked_of(each) for each in organization.accounts]
        return [LinkedAccount(account=self.account_guid(each)) for each in self.declared.accounts]

    def accounts_in(self, organization: Organization) -> list[str]:
        """The same, by the names that the file has for them."""
        return [each.account for each in self.linked_to(organization)]

    def admins_in(self, organization: Organization) -> list[str]:
        """An organization's admins as the file names them: the first admin of its first account unless it says who."""
        return [each.user for each in self.council_of(organization)]

    def council_of(self, organization: Organization) -> list[OrganizationAdmin]:
        """The same, with what the file says of them."""
        if organization.admins is not None:
            return [organization_admin_of(each) for each in organization.admins]
        first = next((self.accounts.find(each) for each in self.accounts_in(organization)), None)
        return [OrganizationAdmin(user=each) for each in self.admins.get(first or "", [])[:1]]

    def organization_of(self, account: str) -> Organization | None:
        """The organization that an account belongs to, by its GUID."""
        linked = (
            each
            for each in self.declared.organizations
            if account in {self.accounts.find(name) for name in self.accounts_in(each)}
        )
        return next(linked, None)

    def account_of(self, app: AnyApp) -> str | None:
        """The GUID of an app's management account, the first unless it names one."""
        if app.account is not None:
            return self.accounts.find(app.account)
        return next((self.account_guid(each) for each in self.declared.accounts), None)

    def admins_of(self, app: AnyApp) -> list[str]:
        """The GUIDs of those who may manage an app."""
        return self.admins.get(self.account_of(app) or "", [])

    def creator_of(self, app: AnyApp) -> str:
        """Who creates an app, or promotes it."""
        return self.users.load(app.by) if app.by is not None else self.admins_of(app)[0]

    def _replaced_by(self, app: DemoApp) -> str:
        """The integration key that an app says it replaces; what no declared app is called is one itself."""
        name = replaced_of(app.replaces or "").app
        return self.keys.find(name) or name.strip().lower()

    def _admins(self) -> dict[str, list[str]]:
        """The admins of every account, in the order of the file; those who are closed in the end come last."""
        found: dict[str, list[str]] = {}
        for state in ("active", "closed"):
            for user in self.declared.users:
                for each in self.memberships(user):
                    account = self.accounts.find(each.account)
                    if account is not None and each.profile == ADMIN.name and each.state == state:
                        found.setdefault(account, []).append(self.user_guid(user))
        return found


def known(declaration: Declaration) -> dict[Environment, Known]:
    """Both environments of a file."""
    return {environment: Known(declaration, environment) for environment in ENVIRONMENTS}


def account_in(path: str, accounts: Names) -> str:
    """The GUID of the account that a call's path names, or nothing where none of these is named."""
    return accounts.find(named_in(path)) or ""


def named_in(path: str) -> str:
    """The account that a call's path names, as it does, or nothing."""
    named = _ACCOUNT.search(path)
    return named[1] if named else ""


def domain_of(given: str | Domain) -> Domain:
    """A domain; a host name alone is an active one."""
    return Domain(name=given) if isinstance(given, str) else given


def linked_of(given: str | LinkedAccount) -> LinkedAccount:
    """An account of an organization; a name alone is one that it began with."""
    return LinkedAccount(account=given) if isinstance(given, str) else given


def organization_admin_of(given: str | OrganizationAdmin) -> OrganizationAdmin:
    """An organization admin; a name alone is one from the beginning."""
    return OrganizationAdmin(user=given) if isinstance(given, str) else given


def step_of(given: Taken, *, is_taken: bool = False) -> Step | None:
    """A step of a transfer, where it was taken; of one that moved, every step was."""
    if isinstance(given, Step):
        return given
    return Step() if given or is_taken else None


def ended_of(given: End | Ended | None) -> Ended | None:
    """How a transfer ended; a word alone is how."""
    return Ended(how=given) if isinstance(given, str) else given


def blocked_app_of(given: str | BlockedApp) -> BlockedApp:
    """A blocked app; a name alone is that of one."""
    return BlockedApp(app=given) if isinstance(given, str) else given


def contact_of(given: str | RecoveryContact) -> RecoveryContact:
    """A recovery contact; an address alone is one who agreed."""
    return RecoveryContact(email=given) if isinstance(given, str) else given


def recipient_of(given: str | RecoveryRecipient) -> RecoveryRecipient:
    """A recovery recipient; text alone is the public key."""
    return RecoveryRecipient(public_key=given) if isinstance(given, str) else given


def result_of(given: Result | DrillResult) -> DrillResult:
    """How a drill went; a word alone is the result."""
    return DrillResult(result=given) if isinstance(given, str) else given


def replaced_of(given: str | Replaced) -> Replaced:
    """What an app replaces; text alone is the old app."""
    return Replaced(app=given) if isinstance(given, str) else given


def webhook_of(given: str | Webhook) -> Webhook:
    """A webhook; text alone is its address."""
    return Webhook(url=given) if isinstance(given, str) else given


def scim_token_of(given: str | ScimToken) -> ScimToken:
    """A SCIM token; text alone is its name."""
    return ScimToken(name=given) if isinstance(given, str) else given


def authenticator_of(given: str | AuthenticatorApp) -> AuthenticatorApp:
    """An authenticator app; text alone is its secret."""
    return AuthenticatorApp(secret=given) if isinstance(given, str) else given


def secret_of(given: str | Secret) -> Secret:
    """A secret key; text alone is its value."""
    return Secret(value=given) if isinstance(given, str) else given


def keypair_of(given: str | Keypair) -> Keypair:
    """A keypair; text alone is its public half."""
    return Keypair(public_key=given) if isinstance(given, str) else given


def question_of(given: str | Question) -> Question:
    """A question of an operator; text alone is what they asked."""
    return Question(text=given) if isinstance(given, str) else given


def answer_of(given: str | Answer) -> Answer:
    """An answer; text alone is what was answered."""
    return Answer(text=given) if isinstance(given, str) else given


def key_of(app: DemoApp) -> str:
    """An app's integration key: the same in both environments."""
    return _guid(app.key, "app", app.name)


def _guid(given: str | None, *path: str) -> str:
    return given.lower() if given is not None else str(uuid.uuid5(_OURS, "/".join(path).casefold()))
