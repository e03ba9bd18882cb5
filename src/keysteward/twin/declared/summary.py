"""What do programs and people find in the folder once a file was applied? Everything declared, secrets included."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from keysteward.rules.words import Environment
from keysteward.twin.declared import shapes, shapes_programs
from keysteward.twin.declared.place import Kept
from keysteward.twin.declared.reading import Declared
from keysteward.twin.declared.references import Known, known, scim_token_of, webhook_of
from keysteward.twin.declared.shapes import DevEnv, User
from keysteward.twin.declared.shapes_apps import AnyApp
from keysteward.twin.declared.stage import Made, MadeKeypair
from keysteward.twin.files import write_private
from keysteward.twin.folder import Damaged, Folder


class Webhook(Struct):
    """An address that is told of notices, and the secret that signs them."""

    url: str
    secret: str


class ScimToken(Struct):
    """A token of an organization's identity provider."""

    name: str
    value: str


class Account(Struct):
    """An account, with its webhooks in the order of the file."""

    guid: str
    name: str
    webhooks: list[Webhook] = []


class Person(Struct):
    """A user, with the names of their accounts, the secret of their authenticator app, and their recovery codes."""

    guid: str
    email: str
    password: str
    accounts: list[str]
    authenticator_secret: str | None = None
    recovery_codes: list[str] = []


class Group(Struct):
    """An organization, with its webhooks and SCIM tokens in the order of the file."""

    guid: str
    name: str
    webhooks: list[Webhook] = []
    scim_tokens: list[ScimToken] = []


class Keypair(Struct):
    """A keypair. The file of a generated private half is named from the twin's folder."""

    thumbprint: str
    private_key_file: str | None


class App(Struct):
    """An app with its secrets, in the order of the file."""

    key: str
    name: str
    account: str
    status: str
    redirect_uris: list[str]
    secrets: list[str]
    keypairs: list[Keypair]


class Token(Struct):
    """A personal access token."""

    user: str
    name: str
    value: str


class Gateway(Struct):
    """A proxy that asks before each call, and its ingest credential."""

    name: str
    credential: str


class Place(Struct):
    """One environment. `app` and `user` are those of `dev.env`."""

    app: str | None = None
    user: str | None = None
    accounts: list[Account] = []
    users: list[Person] = []
    organizations: list[Group] = []
    apps: list[App] = []
    personal_access_tokens: list[Token] = []
    gateways: list[Gateway] = []


class Summary(Struct):
    """What `declared.json` says."""

    file: str
    demo: Place
    production: Place

    def place(self, environment: Environment) -> Place:
        """One of the two environments."""
        return self.demo if environment == "demo" else self.production


def keep(folder: Folder, declared: Declared, made: dict[Environment, Made]) -> Summary:
    """Write the private keys and `declared.json`, and return what that says."""
    names = known(declared.declaration)
    demo = _place(folder, names["demo"], made["demo"])
    production = _place(folder, names["production"], made["production"])
    _name_usual(demo, names["demo"], None)
    _name_usual(production, names["production"], demo)
    summary = Summary(declared.file, demo, production)
    write_private(folder.declared, msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
    return summary


def load(folder: Folder) -> Summary | None:
    """What `declared.json` says; None in a twin with the usual seed."""
    if folder.applied() is None:
        return None
    if not folder.declared.exists():
        return Summary("", Place(), Place())
    try:
        return msgspec.json.decode(folder.declared.read_bytes(), type=Summary)
    except msgspec.MsgspecError:
        raise Damaged(str(folder.declared)) from None


def kept(folder: Folder, environment: Environment) -> Kept:
    """What the folder knows of an environment that its database does not."""
    summary, named = load(folder), folder.named(environment)
    own = {folder.thumbprint(environment) or ""}
    if summary is not None:
        pairs = (pair for app in summary.place(environment).apps for pair in app.keypairs)
        own = {pair.thumbprint for pair in pairs if pair.private_key_file}
    return Kept(named.get("DS_INTEGRATION_KEY"), named.get("DS_USER_ID"), frozenset(own))


def variables(summary: Summary, declared: Declared, environment: Environment) -> dict[str, str]:
    """What `dev.env` says of an environment: as much of it as is declared."""
    place, names = summary.place(environment), known(declared.declaration)[environment]
    app = next((each for each in place.apps if each.key == place.app), None)
    user = next((each for each in place.users if each.guid == place.user), None)
    said: dict[str, str | None] = {}
    if app is not None:
        said["DS_INTEGRATION_KEY"] = app.key
        said["DS_SECRET_KEY"] = next(iter(app.secrets), None)
        said["DS_PRIVATE_KEY_FILE"] = next(filter(None, (each.private_key_file for each in app.keypairs)), None)
        said["DS_REDIRECT_URI"] = next(iter(app.redirect_uris), None)
    if user is not None:
        said["DS_USER_ID"] = user.guid
        said["DS_LOGIN_EMAIL"] = user.email
        said["DS_LOGIN_PASSWORD"] = user.password or None
        said["DS_ORG_ID"] = _organization_of(names, user.guid)
    return {name: value for name, value in said.items() if value is not None}


def _place(folder: Folder, names: Known, made: Made) -> Place:
    declared = names.declared
    return Place(
        accounts=[_account(names, each, made) for each in declared.accounts],
        users=[_person(names, user, made) for user in declared.users],
        organizations=[_group(names, each, made) for each in declared.organizations],
        apps=[_app(folder, names, app, made) for app in names.apps_declared],
        personal_access_tokens=[
            Token(names.emails[names.users.load(token.user)], token.name, value)
            for token, value in zip(declared.personal_access_tokens, made.tokens, strict=True)
        ],
        gateways=[Gateway(each.name, value) for each, value in zip(declared.gateways, made.gateways, strict=True)],
    )


def _account(names: Known, account: shapes.Account, made: Made) -> Account:
    guid = names.account_guid(account)
    return Account(guid, account.name, _webhooks(account.webhooks, made.webhooks.get(guid, [])))


def _group(names: Known, organization: shapes.Organization, made: Made) -> Group:
    guid, directory = names.organization_guid(organization), organization.directory
    tokens = zip(directory.tokens if directory else [], made.scim_tokens.get(guid, []), strict=True)
    said = [ScimToken(scim_token_of(token).name, value) for token, value in tokens]
    return Group(guid, organization.name, _webhooks(organization.webhooks, made.webhooks.get(guid, [])), said)


def _webhooks(declared: Sequence[str | shapes_programs.Webhook], secrets: Sequence[str]) -> list[Webhook]:
    return [Webhook(webhook_of(each).url, secret) for each, secret in zip(declared, secrets, strict=True)]


def _person(names: Known, user: User, made: Made) -> Person:
    accounts = [_account_name(names, names.accounts.load(each.account)) for each in names.memberships(user)]
    person = Person(names.user_guid(user), user.email, user.password, accounts)
    if (factor := made.factors.get(person.guid)) is not None:
        person.authenticator_secret, person.recovery_codes = factor.secret, factor.recovery_codes
    return person


def _account_name(names: Known, guid: str) -> str:
    return next(each.name for each in names.declared.accounts if names.account_guid(each) == guid)


def _app(folder: Folder, names: Known, app: AnyApp, made: Made) -> App:
    key = names.key_of(app) or ""
    mine = made.apps[key]
    return App(
        key=key,
        name=app.name or mine.name,
        account=_account_name(names, mine.account),
        status=mine.status,
        redirect_uris=app.redirect_uris,
        secrets=mine.secrets,
        keypairs=[
            _keypair(folder, f"{names.environment}-{key}-{number}.pem", each)
            for number, each in enumerate(mine.keypairs, 1)
        ],
    )


def _keypair(folder: Folder, name: str, made: MadeKeypair) -> Keypair:
    if made.private_pem is None:
        return Keypair(made.thumbprint, None)
    folder.keys.mkdir(mode=0o700, exist_ok=True)
    write_private(folder.keys / name, made.private_pem)
    return Keypair(made.thumbprint, f"{folder.keys.name}/{name}")


def _name_usual(place: Place, names: Known, demo: Place | None) -> None:
    """Choose whom and what `dev.env` names: as declared, else as in demo, else whoever and whatever comes first."""
    wanted, emails = names.declared.dev_env or DevEnv(), {each.email.casefold(): each.guid for each in place.users}
    working = [each.key for each in place.apps if each.status != "deleted" and not each.status.endswith("stopped")]
    in_demo = next((each.email for each in demo.users if each.guid == demo.user), "") if demo else ""
    app = demo.app if demo and demo.app in working else next(iter(working), None)
    user = emails.get(in_demo.casefold()) or next(iter(emails.values()), None)
    place.app = app if wanted.app is None else names.apps.load(wanted.app)
    place.user = user if wanted.user is None else names.users.load(wanted.user)


def _organization_of(names: Known, user: str) -> str | None:
    """The organization of a user's default account."""
    default = next(names.memberships(each)[0].account for each in names.declared.users if names.user_guid(each) == user)
    account = names.accounts.load(default)
    found = (
        names.organization_guid(each)
        for each in names.declared.organizations
        if account in map(names.accounts.load, names.accounts_in(each))
    )
    return next(found, None)
