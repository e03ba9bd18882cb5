"""Which call of the API does what a page shows and does?

PAGES is the one list: every page's `curl` is printed from it. A page and its call go by the same names, so what stands
in the page's address fills the call's; what is looked at in an account is looked at in the account in use.
"""

import json
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple
from urllib.parse import quote, urlencode

from starlette.requests import Request

from keysteward.rules import access
from keysteward.rules.words import Environment
from keysteward.web import audit_asked, usage_asked

Shown = Mapping[str, Any]
"""What a page shows: its values, with the frame's under the name `page`."""

Token = Literal["KEYSTEWARD_TOKEN", "ACCESS_TOKEN"]


def _always(_: Shown) -> bool:
    return True


class Call(NamedTuple):
    """A call that does what somebody else does by hand: what that is, the operation, and the permission it takes.

    `query` names what it takes along of the page's own query. It is shown where `when` holds; `body` is what it sends.
    An access token, which an app gets for a user, is asked for only by what speaks Docusign's protocol.
    """

    does: str
    method: str
    path: str
    permission: str = ""
    body: Callable[[Shown], object] | None = None
    when: Callable[[Shown], bool] = _always
    query: tuple[str, ...] = ()
    named: Callable[[Shown], Mapping[str, str]] | None = None
    token: Token = "KEYSTEWARD_TOKEN"


class Page(NamedTuple):
    """A page of the console, with the calls that stand for it: first the one that reads what it shows."""

    path: str
    calls: tuple[Call, ...]


def _get(does: str, path: str, permission: str = "", *query: str) -> Call:
    return Call(does, "GET", path, permission, query=query)


def _nothing(_: Shown) -> object:
    return {}


def _edits(shown: Shown) -> bool:
    return "edit" in shown["app"]["may"]


def _edits_in(environment: Environment) -> Callable[[Shown], bool]:
    return lambda shown: _edits(shown) and shown["page"]["environment"] == environment


def _operates(shown: Shown) -> bool:
    return bool(shown["page"]["operates"])


def _may(step: str) -> Callable[[Shown], bool]:
    return lambda shown: step in shown["may"]


_KEY, _ACCOUNT, _ORGANIZATION = (
    "/api/v1/keys/{key}",
    "/api/v1/accounts/{account}",
    "/api/v1/organizations/{organization}",
)
_USAGE, _AUDIT = usage_asked.FILTERS, audit_asked.FILTERS
_DIAGNOSTICS = "/restapi/v2.1/diagnostics/request_logs"
_EXAMPLE_URI, _EXAMPLE_ORIGIN = "https://app.example.com/signed-in", "https://app.example.com"
DESTINATION = "GUID of the destination account"

_READ_KEY = _get("Read this key with its settings", _KEY, access.READ_KEYS)

# fmt: off
PAGES: tuple[Page, ...] = (
    # ── apps ────────────────────────────────────────────────────────────────────────────────────────────────────────
    Page("/apps", (
        _get("List the keys of this account", _ACCOUNT + "/keys", access.READ_KEYS),
    )),
    Page("/apps/new", (
        Call("Create an app with its key", "POST", _ACCOUNT + "/keys", access.WRITE_KEYS,
             lambda shown: {"name": "My app", "contact": shown["page"]["user"].email}),
    )),
    Page("/apps/{key}", (
        _READ_KEY,
        Call("Set name and contact", "PATCH", _KEY, access.WRITE_KEYS,
             lambda shown: {"name": shown["app"]["name"], "contact": shown["app"]["contact"]}, _edits),
        Call("Stop it", "PUT", _KEY + "/stop", access.WRITE_KEYS, _nothing,
             lambda shown: "stop" in shown["app"]["may"]),
        Call("Start it", "DELETE", _KEY + "/stop", access.WRITE_KEYS,
             when=lambda shown: "start" in shown["app"]["may"] and not shown["app"]["retired"]),
        Call("Restore it", "POST", _KEY + "/restorations", access.WRITE_KEYS, _nothing,
             lambda shown: "restore" in shown["app"]["may"]),
    )),
    Page("/apps/{key}/authentication", (
        _get("List its secret keys", _KEY + "/secrets", access.READ_KEYS),
        _get("List its keypairs", _KEY + "/keypairs", access.READ_KEYS),
        Call("Choose grants and PKCE", "PATCH", _KEY, access.WRITE_KEYS,
             lambda shown: {"grants": sorted(shown["app"]["grants"]), "pkce_required": shown["app"]["require_pkce"]},
             _edits),
        Call("Add a secret key", "POST", _KEY + "/secrets", access.WRITE_KEYS, _nothing,
             lambda shown: _edits(shown) and shown["app"]["live_secrets"] < shown["secrets_allowed"]),
        Call("Generate a keypair", "POST", _KEY + "/keypairs", access.WRITE_KEYS, _nothing,
             lambda shown: _edits(shown) and shown["app"]["live_keypairs"] < shown["keypairs_allowed"]),
    )),
    Page("/apps/{key}/redirect-uris", (
        _get("List its redirect URIs", _KEY + "/redirect-uris", access.READ_KEYS),
        _get("List its origins", _KEY + "/origins", access.READ_KEYS),
        Call("Register a redirect URI", "POST", _KEY + "/redirect-uris", access.WRITE_KEYS,
             lambda _: {"uri": _EXAMPLE_URI}, _edits),
        Call("Register an origin", "POST", _KEY + "/origins", access.WRITE_KEYS, lambda _: {"origin": _EXAMPLE_ORIGIN},
             _edits),
        Call("Set both links", "PATCH", _KEY, access.WRITE_KEYS,
             lambda shown: {name: shown["app"][name] for name in ("privacy_url", "terms_url")}, _edits),
    )),
    Page("/apps/{key}/go-live", (
        _get("See where it stands", _KEY + "/readiness", access.READ_KEYS),
        _get("List its reviews", _KEY + "/reviews", access.READ_KEYS),
        Call("Start the review", "POST", _KEY + "/reviews", access.START_REVIEWS, _nothing,
             lambda shown: shown["may_start"] and shown["page"]["is_admin"]),
    )),
    Page("/apps/{key}/reviews/{id}", (
        _get("Read this review", _KEY + "/reviews/{id}", access.READ_KEYS),
        _get("Read what an operator asked", _KEY + "/reviews/{id}/thread", access.READ_KEYS),
        _get("See what changed since the review before", _KEY + "/reviews/{id}/changes", access.READ_KEYS),
        Call("Start another review", "POST", _KEY + "/reviews", access.START_REVIEWS, _nothing,
             lambda shown: shown["may_start"] and shown["page"]["is_admin"]),
        Call("Make a handle for production", "POST", _KEY + "/tickets", access.PROMOTE_KEYS, _nothing,
             lambda shown: shown["may_go_live"] and shown["page"]["is_admin"]),
    )),
    Page("/apps/{key}/after-go-live", (
        _get("See what it still lacks", _KEY + "/after-go-live", access.READ_KEYS),
        _get("See whether it works", _KEY + "/smoke-tests", access.READ_KEYS),
        Call("Keep what is seen now", "POST", _KEY + "/smoke-tests", access.WRITE_KEYS, _nothing,
             lambda shown: shown["may_edit"] and shown["page"]["is_admin"]),
    )),
    Page("/apps/{key}/usage", (
        _get("Read this usage", "/api/v1/usage/keys/{key}", access.READ_KEYS, *_USAGE),
        _get("Download it by the hour", "/api/v1/usage/keys/{key}/hours.csv", access.READ_KEYS, *_USAGE),
    )),
    Page("/apps/{key}/usage/calls", (
        _get("List these calls", "/api/v1/usage/keys/{key}/calls", access.READ_KEYS, *_USAGE, "before"),
    )),
    Page("/apps/{key}/usage/calls/{number}", (
        _get("Read this call", "/api/v1/usage/keys/{key}/calls/{number}", access.READ_KEYS),
    )),
    Page("/apps/{key}/custody", (
        _get("Read the custody of this account's keys", _ACCOUNT + "/custody", access.READ_CUSTODY),
        Call("See what a transfer would move", "GET", _KEY + "/transfer-preview", access.TRANSFER_KEYS,
             when=_edits_in("production")),
    )),
    Page("/apps/{key}/history", (
        Call("Read this history", "GET", "/api/v1/audit/events?account={account}&key={key}", access.READ_AUDIT,
             query=("since", "until", "actor", "kind", "before")),
    )),
    Page("/apps/{key}/transfer", (
        _get("See what would move", _KEY + "/transfer-preview", access.TRANSFER_KEYS),
        Call("Offer it to another account", "POST", _KEY + "/transfers", access.TRANSFER_KEYS,
             lambda _: {"destination": DESTINATION}),
    )),
    Page("/apps/{key}/replacement", (
        _get("See what replacing it asks for", _KEY + "/replacement-preview", access.READ_KEYS),
    )),
    Page("/request-logs", (
        Call("List your logged requests", "GET", _DIAGNOSTICS, token="ACCESS_TOKEN"),
    )),
    Page("/request-logs/{id}", (
        Call("Read this request", "GET", _DIAGNOSTICS + "/{id}", token="ACCESS_TOKEN"),
    )),

    # ── what moves and what takes a key's place ─────────────────────────────────────────────────────────────────────
    Page("/transfers", (
        _get("List your transfers", "/api/v1/transfers", access.TRANSFER_KEYS),
    )),
    Page("/transfers/{id}", (
        _get("Read this transfer", "/api/v1/transfers/{id}", access.TRANSFER_KEYS),
        Call("Read its signed record", "GET", "/api/v1/transfers/{id}/record", access.TRANSFER_KEYS,
             when=lambda shown: shown["has_record"]),
        Call("Accept it", "POST", "/api/v1/transfers/{id}/acceptances", access.TRANSFER_KEYS, _nothing, _may("accept")),
        Call("Cancel it", "POST", "/api/v1/transfers/{id}/cancellations", access.TRANSFER_KEYS,
             lambda _: {"reason": "We keep it."}, _may("cancel")),
    )),
    Page("/replacements", (
        _get("List your replacements", "/api/v1/replacements", access.READ_KEYS),
    )),
    Page("/replacements/{id}", (
        Call("Read this replacement", "GET", "/api/v1/replacements/{id}", access.READ_KEYS,
             when=lambda shown: "retirement" in shown),
    )),

    # ── custody ─────────────────────────────────────────────────────────────────────────────────────────────────────
    Page("/custody", (
        _get("Read the custody of this account's keys", _ACCOUNT + "/custody", access.READ_CUSTODY),
        Call("Ask what would be if somebody left", "POST", _ACCOUNT + "/custody/what-if", access.READ_CUSTODY,
             lambda shown: {"changes": [{"event": "leaves", "subject": shown["page"]["user"].email}]}),
    )),
    Page("/custody/sealed", (
        _get("List what is sealed", _ACCOUNT + "/sealed-credentials", access.READ_CUSTODY),
        _get("List the recovery recipients", _ACCOUNT + "/recovery-recipients", access.READ_CUSTODY),
    )),
    Page("/custody/releases", (
        _get("List these requests", "/api/v1/credential-requests", access.READ_CUSTODY),
    )),
    Page("/custody/releases/{id}", (
        _get("Read this request", "/api/v1/credential-requests/{id}", access.READ_CUSTODY),
    )),
    Page("/custody/drills", (
        _get("List the drills", _ACCOUNT + "/drills", access.READ_CUSTODY),
    )),
    Page("/custody/drills/{id}", (
        _get("Read this drill", "/api/v1/drills/{id}", access.READ_CUSTODY),
        Call("Cancel it", "POST", "/api/v1/drills/{id}/cancellations", access.WRITE_CUSTODY, _nothing,
             lambda shown: shown["drill"]["may_cancel"]),
    )),

    # ── accounts and people ─────────────────────────────────────────────────────────────────────────────────────────
    Page("/members", (
        _get("List the members", _ACCOUNT + "/members", access.READ_MEMBERS),
        _get("List the invitations", _ACCOUNT + "/invitations", access.READ_MEMBERS),
        _get("List the permission profiles", _ACCOUNT + "/profiles", access.READ_MEMBERS),
    )),
    Page("/members/{user}", (
        _get("Read this member", _ACCOUNT + "/members/{user}", access.READ_MEMBERS),
        Call("Give the permission profile", "PATCH", _ACCOUNT + "/members/{user}", access.WRITE_MEMBERS,
             lambda shown: {"profile": shown["member"]["profile_id"]},
             lambda shown: shown["may_change"] and shown["member"]["is_active"]),
    )),
    Page("/members/profiles", (
        _get("List the permission profiles", _ACCOUNT + "/profiles", access.READ_MEMBERS),
    )),
    Page("/members/recovery-contacts", (
        _get("List the recovery contacts", _ACCOUNT + "/recovery-contacts", access.READ_MEMBERS),
    )),
    Page("/account/usage", (
        _get("Read this usage", "/api/v1/usage/accounts/{account}", access.READ_APPS, *_USAGE),
        _get("Download it by the hour", "/api/v1/usage/accounts/{account}/hours.csv", access.READ_APPS, *_USAGE),
    )),
    Page("/account/usage/calls", (
        _get("List these calls", "/api/v1/usage/accounts/{account}/calls", access.READ_APPS, *_USAGE, "before"),
    )),
    Page("/account/usage/calls/{number}", (
        _get("Read this call", "/api/v1/usage/accounts/{account}/calls/{number}", access.READ_APPS),
    )),
    Page("/account/apps", (
        _get("List the apps that act here", _ACCOUNT + "/acting-apps", access.READ_APPS),
    )),
    Page("/account/limits", (
        _get("Read these limits", _ACCOUNT + "/limits", access.READ_KEYS),
    )),
    Page("/account/webhooks", (
        _get("List the webhooks", _ACCOUNT + "/webhooks", access.READ_WEBHOOKS),
    )),
    Page("/legacy", (
        _get("See who authenticates the old way", _ACCOUNT + "/legacy", access.READ_KEYS),
    )),
    Page("/notices", (
        _get("List your notices", "/api/v1/notices", access.READ_NOTICES),
    )),
    Page("/audit", (
        Call("Ask the same of the audit log", "GET", "/api/v1/audit/events?account={account}", access.READ_AUDIT,
             when=lambda shown: not shown["place"], query=(*_AUDIT, "before")),
        Call("Ask the same of the audit log", "GET", "/api/v1/audit/events", access.READ_ORGANIZATION_AUDIT,
             when=lambda shown: "organization" in shown["place"], query=("organization", *_AUDIT, "before")),
        Call("Ask the same of the audit log", "GET", "/api/v1/audit/events", access.READ_ALL_AUDIT,
             when=lambda shown: "everywhere" in shown["place"], query=(*_AUDIT, "before")),
    )),

    # ── organizations ───────────────────────────────────────────────────────────────────────────────────────────────
    Page("/organizations/{organization}", (
        _get("Read this organization: accounts, admins and domains", _ORGANIZATION, access.READ_ORGANIZATIONS),
        Call("Ask DNS for the proof of a domain", "POST", _ORGANIZATION + "/domains/{id}/checks", access.CHECK_DOMAINS,
             _nothing, lambda shown: bool(shown["domains"]),
             named=lambda shown: {"id": shown["domains"][0]["domain"].id}),
    )),
    Page("/organizations/{organization}/custody", (
        _get("Read the custody of its keys", _ORGANIZATION + "/custody", access.READ_CUSTODY),
    )),
    Page("/organizations/{organization}/apps", (
        _get("List the apps that it authorizes", _ORGANIZATION + "/authorizations", access.READ_AUTHORIZATIONS),
    )),
    Page("/organizations/{organization}/leavers", (
        _get("List who left", _ORGANIZATION + "/leavers", access.REPORT_LEAVERS),
    )),
    Page("/organizations/{organization}/webhooks", (
        _get("List the webhooks", _ORGANIZATION + "/webhooks", access.READ_WEBHOOKS),
    )),
    Page("/webhooks/{id}", (
        _get("Read this webhook", "/api/v1/webhooks/{id}", access.READ_WEBHOOKS),
        _get("List its deliveries", "/api/v1/webhooks/{id}/deliveries", access.READ_WEBHOOKS),
        Call("Send a test", "POST", "/api/v1/webhooks/{id}/tests", access.REPLAY_WEBHOOKS, _nothing,
             lambda shown: not shown["webhook"]["off_at"]),
    )),

    # ── for operators ───────────────────────────────────────────────────────────────────────────────────────────────
    Page("/accounts", (
        _get("List accounts", "/api/v1/accounts", access.HANDLE_ACCOUNTS),
    )),
    Page("/accounts/{account}", (
        _get("Read this account", _ACCOUNT, access.HANDLE_ACCOUNTS),
        Call("Suspend it", "PUT", _ACCOUNT + "/state", access.HANDLE_ACCOUNTS,
             lambda _: {"deed": "suspend", "reason": "Not paid."}, lambda shown: shown["account"].state == "open"),
        Call("Reopen it", "PUT", _ACCOUNT + "/state", access.HANDLE_ACCOUNTS,
             lambda _: {"deed": "reopen", "reason": "Paid."}, lambda shown: shown["account"].state != "open"),
    )),
    Page("/accounts/leavers", (
        _get("List who left", "/api/v1/leavers", access.HANDLE_ACCOUNTS),
    )),
    Page("/reviews", (
        _get("List the reviews that wait", "/api/v1/reviews", access.HANDLE_REVIEWS),
    )),
    Page("/reviews/{id}", (
        _get("Read this review", "/api/v1/reviews/{id}", access.HANDLE_REVIEWS),
        Call("Ask its developer", "POST", "/api/v1/reviews/{id}/questions", access.HANDLE_REVIEWS,
             lambda _: {"question": "Who are its users?"}, lambda shown: not shown["why_not"]),
    )),
    Page("/policy", (
        Call("Read every number in force", "GET", "/api/v1/policy", access.HANDLE_POLICY, when=_operates),
        Call("Change a number", "POST", "/api/v1/policy/changes", access.HANDLE_POLICY,
             lambda _: {"numbers": {"calls_needed": 30}, "reason": "More proof."}, _operates),
    )),
    Page("/policy/history", (
        Call("List its versions", "GET", "/api/v1/policy/versions", access.HANDLE_POLICY, when=_operates),
    )),
    Page("/help/rules", (
        _get("Read the rules with their versions", "/api/v1/rules"),
    )),
)
# fmt: on


def calls_of(request: Request, origin: str, shown: Shown) -> list[dict[str, str]]:
    """The calls that stand for the page of a request, as the templates take them; none where the list has none."""
    path, names = request.url.path, request.path_params
    page = next((each for each in PAGES if _is_at(each.path, path, names)), None)
    if page is None or request.method != "GET":
        return []
    return [_call(each, request, origin, shown) for each in page.calls if each.when(shown)]


def _is_at(pattern: str, path: str, names: Mapping[str, Any]) -> bool:
    return set(re.findall(r"{(\w+)}", pattern)) == names.keys() and pattern.format(**names) == path


def _call(call: Call, request: Request, origin: str, shown: Shown) -> dict[str, str]:
    return {
        "does": call.does,
        "permission": call.permission,
        "token": call.token,
        "curl": _curl(call, f"{origin}{_filled(call, request, shown)}", call.body(shown) if call.body else None),
    }


def _filled(call: Call, request: Request, shown: Shown) -> str:
    account = shown["page"]["account"]
    names = {"account": account.id if account else ""} | dict(request.path_params)
    names |= call.named(shown) if call.named else {}
    path = call.path.format(**{name: quote(str(value), safe="") for name, value in names.items()})
    asked = {name: request.query_params[name] for name in call.query if request.query_params.get(name)}
    return path + (("&" if "?" in path else "?") + urlencode(asked) if asked else "")


def _curl(call: Call, url: str, body: object) -> str:
    """A command for a POSIX shell. The token comes from the shell's environment, so that no history keeps it."""
    method = [] if call.method == "GET" else [f"-X {call.method}"]
    lines = [" ".join(["curl", *method, shlex.quote(url)]), f'-H "Authorization: Bearer ${call.token}"']
    if body is not None and call.body is not _nothing:
        lines += ['-H "Content-Type: application/json"', f"-d {shlex.quote(json.dumps(body, ensure_ascii=False))}"]
    return " \\\n  ".join(lines)
