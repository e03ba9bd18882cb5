"""How does an authorization request become a code or a token?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from keysteward.actions.consents import demand_consent
from keysteward.actions.context import Context
from keysteward.actions.id_tokens import read_id_token
from keysteward.crypto.hashing import new_secret
from keysteward.rules.access import Actor
from keysteward.rules.authorize import AUTHORIZE, Request
from keysteward.rules.grants import Code
from keysteward.rules.keys import App, is_registered
from keysteward.rules.refusals import (
    BAD_ID_TOKEN,
    DOUBLED_PARAMETER,
    MISSING_PARAMETER,
    NO_OPEN_ACCOUNT,
    REDIRECT_URI_NOT_REGISTERED,
    REQUEST_OBJECT,
    REQUEST_URI,
    UNKNOWN_CLIENT,
    Refusal,
    demand,
)
from keysteward.rules.words import is_guid, new_guid
from keysteward.store import accounts, consents, keys, tokens
from keysteward.store.database import current_epoch

_PARAMETERS = (
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "prompt",
    "login_hint",
    "max_age",
    "response_mode",
    "id_token_hint",
    "request",
    "request_uri",
    "display",
    "ui_locales",
    "claims_locales",
    "acr_values",
    "claims",
    "registration",
    "admin_consent_scope",
    "code_challenge",
    "code_challenge_method",
)
_WHERE_TO = ("client_id", "redirect_uri")


class Redirectable(Exception):
    """A refusal that the app is told of: `request` says where to."""

    def __init__(self, request: Request, refusal: Refusal) -> None:
        super().__init__(refusal.kind.code)
        self.request = request
        self.refusal = refusal


def read_request(ctx: Context, parameters: Sequence[tuple[str, str]]) -> Request:
    """A checked authorization request.

    Raises Refusal for what is shown on our own page (no or two keys or redirect URIs, an unknown key, an unregistered
    redirect URI) and Redirectable for what the app is told (RFC 6749 §4.1.2.1).
    """
    doubled = _doubled(parameters)
    given = {name: value for name, value in parameters if value and name not in doubled}
    for name in _WHERE_TO:
        if name in doubled:
            raise Refusal(DOUBLED_PARAMETER, name=name)
        if name not in given:
            raise Refusal(MISSING_PARAMETER, name=name)
    request = _request(ctx, given)
    try:
        _demand_readable(given, doubled)
        demand(AUTHORIZE, request)
        hint = given.get("id_token_hint")
        return replace(request, expected_user=_hinted_user(ctx, request.app.key, hint)) if hint else request
    except Refusal as refusal:
        raise Redirectable(request, refusal) from None


def publisher(ctx: Context, app: App) -> str | None:
    """The name of the account that stands behind an app."""
    with ctx.database.reading() as tx:
        account = accounts.find_account(tx, app.account)
    return account.name if account else None


def issue_code(ctx: Context, request: Request, actor: Actor) -> str:
    """A code for a request that the user consented to."""
    now = ctx.now
    value = new_secret("ksc_")
    with ctx.database.writing() as tx:
        epoch = current_epoch(tx)  # first: a revocation that comes in between must reach this code
        if accounts.find_acting_user(tx, actor.user) is None:
            raise Refusal(NO_OPEN_ACCOUNT)
        demand_consent(consents.find(tx, actor.user, request.app.key), request, epoch)
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


def _demand_readable(given: Mapping[str, str], doubled: Sequence[str]) -> None:
    """Refuse a request that says two things, does not say what it wants, or says it in an object."""
    if doubled:
        raise Refusal(DOUBLED_PARAMETER, name=doubled[0])
    if "response_type" not in given:
        raise Refusal(MISSING_PARAMETER, name="response_type")
    for name, kind in (("request", REQUEST_OBJECT), ("request_uri", REQUEST_URI)):
        if name in given:
            raise Refusal(kind)


def _hinted_user(ctx: Context, key: str, unverified_hint: str) -> str:
    """The user whom the app expects, named by an id token that it got before."""
    hint = read_id_token(ctx, unverified_hint)
    if hint.key != key:
        raise Refusal(BAD_ID_TOKEN, detail="another app's")
    return hint.user


def _doubled(parameters: Sequence[tuple[str, str]]) -> list[str]:
    """The parameters that came twice, in no order that matters; those that nobody knows are passed over."""
    names = [name for name, _ in parameters]
    return [name for name in _PARAMETERS if names.count(name) > 1]


def _request(ctx: Context, given: Mapping[str, str]) -> Request:
    key, redirect_uri = given["client_id"], given["redirect_uri"]
    with ctx.database.reading() as tx:
        app = keys.find(tx, key) if is_guid(key) else None
        registered = keys.list_redirect_uris(tx, key) if app else ()
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
        max_age=given.get("max_age"),
        response_mode=given.get("response_mode"),
        admin_consent_scope=given.get("admin_consent_scope"),
        challenge=given.get("code_challenge"),
        challenge_method=given.get("code_challenge_method"),
    )
