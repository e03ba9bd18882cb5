"""How does an authorization request become a code or a token?"""

from collections.abc import Mapping, Sequence

from keysteward.actions.context import Context
from keysteward.crypto.hashing import new_secret
from keysteward.rules.access import Actor
from keysteward.rules.authorize import AUTHORIZE, Request
from keysteward.rules.grants import Code
from keysteward.rules.keys import App, is_registered
from keysteward.rules.refusals import (
    CONSENT_REQUIRED,
    DOUBLED_PARAMETER,
    MISSING_PARAMETER,
    NO_OPEN_ACCOUNT,
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    NO_SUCH_ORGANIZATION,
    REDIRECT_URI_NOT_REGISTERED,
    UNKNOWN_CLIENT,
    Refusal,
    demand,
)
from keysteward.rules.tokens import covers
from keysteward.rules.words import is_guid, new_guid
from keysteward.store import accounts, audit, keys, tokens
from keysteward.store.database import bump_epoch, current_epoch, lock
from keysteward.store.tokens import Consent as Consent  # noqa: PLC0414 — what connected apps are shown as

_PARAMETERS = (
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "prompt",
    "login_hint",
    "code_challenge",
    "code_challenge_method",
)


class Redirectable(Exception):
    """A refusal that the app is told of: `request` says where to."""

    def __init__(self, request: Request, refusal: Refusal) -> None:
        super().__init__(refusal.kind.code)
        self.request = request
        self.refusal = refusal


def read_request(ctx: Context, parameters: Sequence[tuple[str, str]]) -> Request:
    """A checked authorization request.

    Raises Refusal for what is shown on our own page (doubled parameters, unknown key, unregistered redirect URI)
    and Redirectable for what the app is told.
    """
    given = _single(parameters)
    for name in ("client_id", "redirect_uri"):
        if not given.get(name):
            raise Refusal(MISSING_PARAMETER, name=name)
    request = _request(ctx, given)
    try:
        demand(AUTHORIZE, request)
    except Refusal as refusal:
        raise Redirectable(request, refusal) from None
    return request


def needs_consent(ctx: Context, request: Request, user: str) -> bool:
    """Whether the user has yet to allow what is asked."""
    return not covers(consented(ctx, request.app.key, user), frozenset(request.scopes))


def consented(ctx: Context, key: str, user: str) -> frozenset[str]:
    """The scopes that a user allowed an app so far."""
    with ctx.database.reading() as tx:
        return tokens.find_consent(tx, user, key)


def demand_consent(consented: frozenset[str], request: Request) -> None:
    """Refuse a request whose scopes the user does not allow, or not any more."""
    if not covers(consented, frozenset(request.scopes)):
        raise Refusal(CONSENT_REQUIRED)


def publisher(ctx: Context, app: App) -> str | None:
    """The name of the account that stands behind an app."""
    with ctx.database.reading() as tx:
        account = accounts.find_account(tx, app.account)
    return account.name if account else None


def consent(ctx: Context, request: Request, actor: Actor) -> None:
    """Remember that the user allows these scopes, beside those they allowed before."""
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        before = tokens.find_consent(tx, actor.user, request.app.key)
        if before >= set(request.scopes):
            return
        tokens.save_consent(tx, actor.user, request.app.key, before | set(request.scopes), ctx.now)
        audit.record(tx, ctx.event("ConsentGiven", actor.email, key=request.app.key, scopes=" ".join(request.scopes)))
        bump_epoch(tx)


def list_consents(ctx: Context, actor: Actor) -> list[Consent]:
    """The apps that the actor allowed to act for them, the newest consent first."""
    with ctx.database.reading() as tx:
        return tokens.list_consents(tx, actor.user)


def withdraw_consent(ctx: Context, actor: Actor, key: str) -> None:
    """Disconnect an app from the actor: its access and refresh tokens for them die at once."""
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        if not tokens.find_consent(tx, actor.user, key):
            raise Refusal(NO_SUCH_OBJECT, thing="connected app")
        tokens.kill_families(tx, actor.user, key, "consent withdrawn", ctx.now)
        audit.record(tx, ctx.event("ConsentRevoked", actor.email, key=key))
        tokens.withdraw_consent(tx, actor.user, key, bump_epoch(tx))


def issue_code(ctx: Context, request: Request, actor: Actor) -> str:
    """A code for a request that the user consented to."""
    now = ctx.now
    value = new_secret("ksc_")
    with ctx.database.writing() as tx:
        epoch = current_epoch(tx)  # first: a revocation that comes in between must reach this code
        if accounts.find_acting_user(tx, actor.user) is None:
            raise Refusal(NO_OPEN_ACCOUNT)
        demand_consent(tokens.find_consent(tx, actor.user, request.app.key), request)
        code = Code(
            key=request.app.key,
            user=actor.user,
            scopes=request.scopes,
            redirect_uri=request.redirect_uri,
            challenge=request.challenge,
            nonce=request.nonce,
            family=new_guid(),
            signed_in_at=actor.signed_in_at,
            expires_at=now + ctx.policy.code_life,
            epoch=epoch,
        )
        tokens.save_code(tx, ctx.digester.digest(value), code)
    return value


def authorize_application(ctx: Context, actor: Actor, organization: str, key: str, scopes: frozenset[str]) -> None:
    """Let an app act for an organization with application tokens: an organization admin's deed."""
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        if actor.user not in accounts.list_organization_admins(tx, organization):
            raise Refusal(NO_SUCH_ORGANIZATION)
        if keys.find(tx, key) is None:
            raise Refusal(NO_SUCH_KEY)
        tokens.save_organization_consent(tx, organization, key, scopes, actor.user, ctx.now)
        said = {"organization": organization, "scopes": " ".join(sorted(scopes))}
        audit.record(tx, ctx.event("OrganizationAuthorizedApp", actor.email, key=key, **said))
        bump_epoch(tx)


def _single(parameters: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    given: dict[str, str] = {}
    for name, value in parameters:
        if name in given and name in _PARAMETERS:
            raise Refusal(DOUBLED_PARAMETER, name=name)
        given[name] = value
    return given


def _request(ctx: Context, given: Mapping[str, str]) -> Request:
    key, redirect_uri = given["client_id"], given["redirect_uri"]
    with ctx.database.reading() as tx:
        app = keys.find(tx, key) if is_guid(key) else None
        registered = keys.list_redirect_uris(tx, key)
    if app is None or not app.works:
        raise Refusal(UNKNOWN_CLIENT)
    if not is_registered(redirect_uri, registered):
        raise Refusal(REDIRECT_URI_NOT_REGISTERED)
    return Request(
        app=app,
        environment=ctx.environment,
        policy=ctx.policy,
        response_type=given.get("response_type", ""),
        redirect_uri=redirect_uri,
        scope=given.get("scope", ""),
        now=ctx.now,
        state=given.get("state"),
        nonce=given.get("nonce"),
        prompt=given.get("prompt"),
        login_hint=given.get("login_hint"),
        challenge=given.get("code_challenge"),
        challenge_method=given.get("code_challenge_method"),
    )
