"""What can programs ask of us? Every operation under `/api/v1`, in this one list.

`web/routes.py` has a line for each of them, and the OpenAPI document is printed from them.
"""

from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from keysteward.rules import refusals as no
from keysteward.rules.leaks import MOST_REPORTED
from keysteward.web.answers import json_answer
from keysteward.web.api import (
    acting_apps,
    addresses,
    after_go_live,
    approvals,
    authorizations,
    calls,
    calls_file,
    credentials,
    custody,
    golive,
    keys,
    leaks,
    legacy,
    limits,
    people,
    promotion,
    rules,
    search,
    transfers,
    usage,
)
from keysteward.web.api import after_shapes as after
from keysteward.web.api import approval_shapes as looked
from keysteward.web.api import call_shapes as ending
from keysteward.web.api import credential_shapes as proof
from keysteward.web.api import custody_shapes as kept
from keysteward.web.api import golive_shapes as on_way
from keysteward.web.api import legacy_shapes as retiring
from keysteward.web.api import limit_shapes as bounds
from keysteward.web.api import organization_shapes as whole
from keysteward.web.api import replacement_shapes as taking
from keysteward.web.api import rule_shapes as ruled
from keysteward.web.api import search_shapes as sought
from keysteward.web.api import shapes as as_
from keysteward.web.api import transfer_shapes as on_move
from keysteward.web.api import usage_shapes as used
from keysteward.web.api.advice_operations import ADVICE_OPERATIONS
from keysteward.web.api.audit_operations import AUDIT_OPERATIONS
from keysteward.web.api.authorizations import AUTHORIZED
from keysteward.web.api.custody import CUSTODY, FINDING
from keysteward.web.api.member_operations import MEMBER_OPERATIONS
from keysteward.web.api.notice_operations import NOTICE_OPERATIONS
from keysteward.web.api.openapi import Json, Operation, Parameter, describe, removing
from keysteward.web.api.organization_operations import ORGANIZATION_OPERATIONS
from keysteward.web.api.policy_operations import POLICY_OPERATIONS
from keysteward.web.api.replacement_operations import REPLACEMENT_OPERATIONS
from keysteward.web.api.sealed_operations import SEALED_OPERATIONS
from keysteward.web.api.search import SEARCH, SOUGHT
from keysteward.web.api.shapes import GUID
from keysteward.web.api.webhook_operations import WEBHOOK_OPERATIONS
from keysteward.web.reading import context
from keysteward.web.usage_asked import INSTANT

_KEY = "/api/v1/keys/{key}"
_ACCOUNT_KEYS = "/api/v1/accounts/{account}/keys"
_TOKENS = "/api/v1/personal-access-tokens"
_CONNECTED = "/api/v1/connected-apps"
_ACTING = "/api/v1/accounts/{account}/acting-apps"
_BLOCK = _ACTING + "/{key}/block"

_KEY_USAGE = "/api/v1/usage/keys/{key}"
_ACCOUNT_USAGE = "/api/v1/usage/accounts/{account}"
_NARROWED = (
    Parameter("period", "The newest hours or days; a week where nothing is said.", "(24h|7d|30d|90d)?"),
    Parameter("since", "From when on, instead of a period.", f"({INSTANT})?"),
    Parameter("until", "Until when; now where it is left out.", f"({INSTANT})?"),
    Parameter("user", "Calls of one user only.", f"({GUID})?"),
    Parameter("operation", "Calls of one operation only, as the usage lists it.", r"[^\x00]{0,200}"),
    Parameter("status", "Calls that `succeeded` or `failed`, or of one status.", "(succeeded|failed|[1-9][0-9]{2})?"),
)
_PAGED = (
    *_NARROWED,
    Parameter("before", "Where the page begins, as the page before it says.", "([1-9][0-9]{0,14})?"),
    Parameter("limit", "How many calls a page holds at most.", "([1-9][0-9]?|1[0-9]{2}|200)?"),
)

_OF_ACCOUNT = (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_ACCOUNT, no.NOT_AN_ADMIN)
_OF_FINDING = (*_OF_ACCOUNT, no.NO_SUCH_OBJECT, no.INVALID_FIELD)
_OF_ORGANIZATION = (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_ORGANIZATION)
_OF_KEY = (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_KEY, no.NOT_AN_ADMIN)
_WRITING = (*_OF_KEY, no.ACCOUNT_NOT_OPEN, no.KEY_DELETED)
_FRESHLY = (*_WRITING, no.FRESH_SIGN_IN_NEEDED)
_LEAKING = (*_FRESHLY, no.NO_SUCH_OBJECT, no.INVALID_FIELD, no.ALREADY_LEAKED)
_PASSED = (
    no.KEY_DELETED, no.ALREADY_LIVE, no.REVIEW_NOT_PASSED, no.REVIEW_DECLINED, no.REVIEW_EXPIRED, no.PENDING_APPROVAL,
)  # fmt: skip
_PRESENTING = (*_OF_KEY, *_PASSED, no.REVIEWS_ARE_IN_DEMO, no.FRESH_SIGN_IN_NEEDED)
_RUNNING = (no.ALREADY_LIVE, no.ALREADY_UNDER_REVIEW, no.ALREADY_PASSED, no.PENDING_APPROVAL)
_STARTING = (*_WRITING, no.REVIEWS_ARE_IN_DEMO, *_RUNNING)


_OF_REVIEW = (*_OF_KEY, no.REVIEWS_ARE_IN_DEMO, no.NO_SUCH_OBJECT)
_OVER = (no.REVIEW_DECIDED, no.NOT_PENDING, no.REVIEW_EXPIRED)
_OPERATING = (no.TOKEN_LACKS_PERMISSION, no.NOT_AN_OPERATOR, no.REVIEWS_ARE_IN_DEMO)
_DECIDING = (*_OPERATING, no.NO_SUCH_OBJECT, no.INVALID_FIELD, no.OWN_REVIEW, no.KEY_DELETED, no.ALREADY_LIVE, *_OVER)


_MOVING = "/api/v1/transfers/{id}"
_MOVES = (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_OBJECT)
_STEPPING = (*_MOVES, no.NOT_YOUR_STEP, no.TRANSFER_OVER, no.CONFLICT)
_BEGINNING = (
    no.TRANSFERS_ARE_IN_PRODUCTION, no.FRESH_SIGN_IN_NEEDED, no.INVALID_FIELD, no.KEY_DELETED, no.SOURCE_NOT_OPEN,
    no.NOT_YOUR_STEP, no.TRANSFER_PENDING, no.CONFLICT, no.OFFERED_TOO_OFTEN, no.TOO_MANY_STRANGERS,
)  # fmt: skip


async def describe_api(request: Request) -> Response:
    """`GET /api/v1/openapi.json`: this list, as OpenAPI 3.1."""
    ctx = context(request)
    return json_answer(_described(ctx.origin, ctx.environment))


@cache
def _described(origin: str, environment: str) -> Json:
    return describe(OPERATIONS, origin, environment)


# fmt: off
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/api/v1/openapi.json", "This document.", describe_api, as_.Description, asker="anybody"),

    # ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", "/api/v1/me", "Who asks, and their standing in each of their accounts.", people.show_me, as_.Me),
    Operation("GET", _TOKENS, "Your personal access tokens.", people.list_tokens, as_.PersonalTokens, asker="person"),
    Operation("POST", _TOKENS, "Make a personal access token; its value is shown once.", people.create_token,
              as_.CreatedPersonalToken, 201, as_.NewPersonalToken, (no.INVALID_FIELD, no.FRESH_SIGN_IN_NEEDED),
              asker="person"),
    Operation("DELETE", _TOKENS + "/{id}", "Revoke a personal access token.", people.revoke_token, None, 204,
              refusals=(no.NO_SUCH_OBJECT,), asker="person"),

    Operation("GET", _CONNECTED, "The apps that may act for you.", people.list_connected_apps, as_.ConnectedApps,
              asker="person"),
    Operation("DELETE", _CONNECTED + "/{key}", "Disconnect an app: its tokens for you die at once.",
              people.disconnect_app, None, 204, refusals=(no.NO_SUCH_KEY, no.NO_SUCH_OBJECT), asker="person"),

    # ── apps acting in an account ───────────────────────────────────────────────────────────────────────────────────
    Operation("GET", _ACTING, "The apps that may act for members of an account.", acting_apps.list_acting_apps,
              as_.ActingApps, refusals=_OF_ACCOUNT),
    Operation("PUT", _BLOCK, "Block an app: its tokens are refused in this account, and in no other.",
              acting_apps.block_app, None, 204, as_.Nothing,
              (*_OF_ACCOUNT, no.NO_SUCH_KEY, no.NO_SUCH_OBJECT, no.ALREADY_BLOCKED, no.FRESH_SIGN_IN_NEEDED)),
    Operation("DELETE", _BLOCK, "Unblock an app.", acting_apps.unblock_app, None, 204,
              refusals=(*_OF_ACCOUNT, no.NO_SUCH_KEY, no.NO_SUCH_OBJECT)),

    *ORGANIZATION_OPERATIONS,

    *MEMBER_OPERATIONS,
    *NOTICE_OPERATIONS,
    Operation("GET", SEARCH, "Find keys, people, accounts and calls by name, address, GUID or trace token.",
              search.find_things, sought.FoundThings, refusals=(no.INVALID_FIELD,), query=SOUGHT),

    # ── apps that an organization authorizes ────────────────────────────────────────────────────────────────────────
    Operation("GET", AUTHORIZED, "The apps that an organization authorizes.", authorizations.list_authorizations,
              whole.Authorizations, refusals=_OF_ORGANIZATION),
    Operation("PUT", AUTHORIZED + "/{key}", "Authorize an app of the organization's own accounts: a person's deed.",
              authorizations.authorize_app, whole.Authorization, 200, whole.NewAuthorization,
              (no.NO_SUCH_ORGANIZATION, no.NO_SUCH_KEY, no.FRESH_SIGN_IN_NEEDED), asker="person"),
    Operation("DELETE", AUTHORIZED + "/{key}", "End what an organization authorizes: tokens that rest on it die.",
              authorizations.end_authorization, None, 204,
              refusals=(*_OF_ORGANIZATION, no.NO_SUCH_KEY, no.NO_SUCH_OBJECT, no.FRESH_SIGN_IN_NEEDED)),

    # ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", _ACCOUNT_KEYS, "The integration keys of an account.", keys.list_keys, as_.Keys,
              refusals=_OF_ACCOUNT),
    Operation("POST", _ACCOUNT_KEYS, "Create an app with a new integration key, in demo.", keys.create_key, as_.Key,
              201, as_.NewKey, (*_OF_ACCOUNT, no.INVALID_FIELD, no.KEYS_START_IN_DEMO,
                                no.ACCOUNT_NOT_OPEN, no.TOO_MANY_KEYS), headers=("ETag", "Location"), once=True),
    Operation("GET", _KEY, "An integration key with the settings of its app, what it replaces and what replaces it.",
              keys.show_key, taking.ShownKey, refusals=_OF_KEY, headers=("ETag",)),
    Operation("PATCH", _KEY, "Set some settings anew.", keys.change_key, as_.Key, 200, as_.KeyChange,
              (*_WRITING, no.INVALID_FIELD, no.TYPE_FIXED), headers=("ETag",), versioned=True),
    Operation("DELETE", _KEY, "Delete a key; it can be restored for 15 days.", keys.delete_key, as_.Key,
              refusals=_FRESHLY, headers=("ETag",)),
    Operation("POST", _KEY + "/restorations", "Restore a deleted key.", keys.restore_key, as_.Key, 200, as_.Nothing,
              (*_OF_KEY, no.KEY_NOT_DELETED, no.TOO_LATE_TO_RESTORE), headers=("ETag",)),
    Operation("PUT", _KEY + "/stop", "Stop a key: no token is issued and no call passes.", keys.stop_key, as_.Key, 200,
              as_.Nothing, _FRESHLY, headers=("ETag",)),
    Operation("DELETE", _KEY + "/stop", "Start a stopped key.", keys.start_key, as_.Key, refusals=_WRITING,
              headers=("ETag",)),
    Operation("POST", _KEY + "/token-revocations", "Kill every token of a key.", keys.revoke_tokens, None, 204,
              as_.Nothing, _FRESHLY),

    Operation("PUT", _KEY + "/implicit-waiver", "Take the implicit grant in production until a date, for a reason.",
              keys.waive_implicit, as_.Key, 200, as_.Waiver,
              (*_FRESHLY, no.WAIVERS_ARE_IN_PRODUCTION, no.INVALID_FIELD), headers=("ETag",)),

    # ── what hangs on an app ────────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", _KEY + "/secrets", "The secret keys of an app.", credentials.list_secrets, proof.SecretKeys,
              refusals=_OF_KEY),
    Operation("POST", _KEY + "/secrets", "Make a secret key; its value is shown once.", credentials.create_secret,
              proof.CreatedSecretKey, 201, proof.NewSecretKey, (*_FRESHLY, no.INVALID_FIELD, no.TOO_MANY_SECRETS,
              no.NOTHING_SEALS), once=True),
    Operation("DELETE", _KEY + "/secrets/{id}", "Delete a secret key.", credentials.delete_secret, None, 204,
              refusals=(*_FRESHLY, no.NO_SUCH_OBJECT)),
    Operation("GET", _KEY + "/keypairs", "The keypairs of an app.", credentials.list_keypairs, proof.Keypairs,
              refusals=_OF_KEY),
    Operation("POST", _KEY + "/keypairs", "Upload a public key, or generate a keypair and see its private key once.",
              credentials.create_keypair, proof.CreatedKeypair, 201, proof.NewKeypair,
              (*_FRESHLY, no.INVALID_FIELD, no.BAD_PUBLIC_KEY, no.KEYPAIR_EXISTS, no.KEYPAIR_OF_DEMO,
               no.TOO_MANY_KEYPAIRS, no.NOTHING_SEALS), once=True),
    Operation("DELETE", _KEY + "/keypairs/{id}", "Delete a keypair.", credentials.delete_keypair, None, 204,
              refusals=(*_FRESHLY, no.NO_SUCH_OBJECT)),
    Operation("GET", _KEY + "/credentials/{id}/uses", "Who got tokens with a secret key or keypair.",
              credentials.list_uses, proof.Uses, refusals=(*_OF_KEY, no.NO_SUCH_OBJECT)),
    Operation("POST", _KEY + "/secrets/{id}/leaks", "Replace a secret key that leaked; it dies with its tokens.",
              leaks.report_secret, proof.CreatedSecretKey, 201, proof.NewLeak,
              (*_LEAKING, no.TOO_MANY_SECRETS), once=True),
    Operation("POST", _KEY + "/keypairs/{id}/leaks", "Replace a keypair that leaked; it dies with its tokens.",
              leaks.report_keypair, proof.CreatedKeypair, 201, proof.NewLeak,
              (*_LEAKING, no.TOO_MANY_KEYPAIRS), once=True),
    Operation("POST", "/api/v1/leak-reports", "Report values that you found; what is recognized is revoked at once.",
              leaks.take_report, proof.Recognized, 200, proof.FoundSecret, (no.TOO_MANY_REPORTS,), asker="anybody",
              many=MOST_REPORTED),
    Operation("GET", _KEY + "/redirect-uris", "The redirect URIs of an app.", addresses.list_redirect_uris,
              as_.RedirectUris, refusals=_OF_KEY),
    Operation("POST", _KEY + "/redirect-uris", "Register a redirect URI.", addresses.add_redirect_uri,
              as_.RedirectUri, 201, as_.RedirectUri,
              (*_WRITING, no.BAD_REDIRECT_URI, no.ALREADY_THERE, no.INVALID_FIELD)),
    Operation("DELETE", _KEY + "/redirect-uris", "Remove a redirect URI.", addresses.remove_redirect_uri, None, 204,
              refusals=(*_WRITING, no.NO_SUCH_OBJECT), query=removing("uri")),
    Operation("GET", _KEY + "/origins", "The web origins of an app.", addresses.list_origins, as_.Origins,
              refusals=_OF_KEY),
    Operation("POST", _KEY + "/origins", "Register a web origin.", addresses.add_origin, as_.Origin, 201, as_.Origin,
              (*_WRITING, no.BAD_ORIGIN, no.ALREADY_THERE, no.INVALID_FIELD)),
    Operation("DELETE", _KEY + "/origins", "Remove a web origin.", addresses.remove_origin, None, 204,
              refusals=(*_WRITING, no.NO_SUCH_OBJECT), query=removing("origin")),

    # ── legacy authentication ───────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", "/api/v1/accounts/{account}/legacy", "Who still authenticates the old way, and what replaces it.",
              legacy.show_legacy, retiring.LegacyUse, refusals=_OF_ACCOUNT),

    # ── custody ─────────────────────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", CUSTODY, "What puts an account's keys at risk, who can manage them, and the ways back.",
              custody.show_custody, kept.AccountCustody, refusals=_OF_ACCOUNT),
    Operation("POST", CUSTODY + "/what-if", "What would become of an account's keys; nothing is changed.",
              custody.what_if, kept.Foreseen, 200, kept.WhatIf, _OF_ACCOUNT),
    Operation("PUT", FINDING + "/acceptance", "Accept a finding until a day.",
              custody.accept_finding, kept.CustodyFinding, 200, kept.Acceptance, _OF_FINDING),
    Operation("DELETE", FINDING + "/acceptance", "Take an acceptance back.",
              custody.reopen_finding, kept.CustodyFinding, refusals=(*_OF_ACCOUNT, no.NO_SUCH_OBJECT)),
    Operation("PUT", FINDING + "/owner", "Say who sees to a finding.",
              custody.assign_finding, kept.CustodyFinding, 200, kept.Ownership, _OF_FINDING),

    # ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", "/api/v1/accounts/{account}/limits", "How much an account may call, and what is used of it.",
              limits.show_limits, bounds.AccountLimits, refusals=_OF_ACCOUNT),
    Operation("POST", "/api/v1/accounts/{account}/would-pass", "Whether a call would pass now; nothing is counted.",
              limits.preview_call, bounds.CallPreview, 200, bounds.CallToTry, _OF_ACCOUNT),

    # ── Go-Live ─────────────────────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", _KEY + "/readiness", "Where a key stands, and what a review would find now.",
              golive.show_readiness, on_way.Readiness, refusals=(*_OF_KEY, no.REVIEWS_ARE_IN_DEMO)),
    Operation("GET", _KEY + "/reviews", "The reviews of a key.", golive.list_reviews, on_way.Reviews,
              refusals=(*_OF_KEY, no.REVIEWS_ARE_IN_DEMO)),
    Operation("POST", _KEY + "/reviews", "Start a Go-Live review, in demo.", golive.start_review, on_way.Review, 201,
              as_.Nothing, _STARTING, headers=("Location",), once=True),
    Operation("GET", _KEY + "/reviews/{id}", "One review with its findings.", golive.show_review, on_way.Review,
              refusals=(*_OF_KEY, no.REVIEWS_ARE_IN_DEMO, no.NO_SUCH_OBJECT)),

    # ── Go-Live, where a person looks ───────────────────────────────────────────────────────────────────────────────
    Operation("GET", _KEY + "/reviews/{id}/thread", "What an operator asked and decided of a review.",
              approvals.show_thread, looked.ReviewThread, refusals=_OF_REVIEW),
    Operation("POST", _KEY + "/reviews/{id}/answers", "Answer what an operator asked.", approvals.answer_operator,
              looked.ReviewNote, 201, looked.NewAnswer,
              (*_OF_REVIEW, no.ACCOUNT_NOT_OPEN, no.INVALID_FIELD, no.NOTHING_ASKED, *_OVER)),
    Operation("GET", _KEY + "/reviews/{id}/changes", "What changed since the review before.", approvals.show_changes,
              looked.ReviewChanges, refusals=_OF_REVIEW),
    Operation("GET", "/api/v1/reviews", "The reviews that wait for a person: for operators.",
              approvals.list_review_queue, looked.ReviewQueue, refusals=_OPERATING),
    Operation("GET", "/api/v1/reviews/{id}", "One review that waits for a person, or did.",
              approvals.show_review_case, looked.ReviewDossier, refusals=(*_OPERATING, no.NO_SUCH_OBJECT)),
    Operation("POST", "/api/v1/reviews/{id}/questions", "Ask the developer of a review.", approvals.ask_developer,
              looked.ReviewNote, 201, looked.NewQuestion, _DECIDING, once=True),
    Operation("POST", "/api/v1/reviews/{id}/decisions", "Approve or decline a review: a person's deed.",
              approvals.decide_review, looked.ReviewCase, 201, looked.NewRuling,
              (*_DECIDING, no.FRESH_SIGN_IN_NEEDED), asker="person"),

    Operation("GET", _KEY + "/reviews/{id}/bundle", "A settled review with its evidence and rules, signed.",
              rules.download_bundle, ruled.Bundle,
              refusals=(*_OF_KEY, no.REVIEWS_ARE_IN_DEMO, no.NO_SUCH_OBJECT, no.REVIEW_NOT_SETTLED, no.EVIDENCE_GONE)),
    Operation("GET", "/api/v1/rules", "The rules that reviews go by: built in, and every version of every pack.",
              rules.list_rules, ruled.Rules),

    # ── usage ───────────────────────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", _KEY_USAGE, "How the API is used by a key.", usage.show_key_usage, used.Usage,
              refusals=(*_OF_KEY, no.INVALID_FIELD), may_say=_NARROWED),
    Operation("GET", _KEY_USAGE + "/calls", "The calls of a key, newest first.", usage.list_key_calls,
              used.RecordedCalls, refusals=(*_OF_KEY, no.INVALID_FIELD), may_say=_PAGED),
    Operation("GET", _KEY_USAGE + "/calls/{number}", "One call of a key, with the line that makes it again.",
              usage.show_key_call, used.OneCall, refusals=(*_OF_KEY, no.NO_SUCH_OBJECT)),
    Operation("GET", _KEY_USAGE + "/calls.ndjson", "The calls of a key as lines, for `keysteward review`.",
              calls_file.download_calls, refusals=(*_OF_KEY, no.INVALID_FIELD), may_say=_NARROWED[:3],
              download=calls.NDJSON),
    Operation("GET", _KEY_USAGE + "/hours.csv", "What is counted of a key, by the hour.", usage.download_key_usage,
              refusals=(*_OF_KEY, no.INVALID_FIELD), may_say=_NARROWED, download="text/csv"),
    Operation("GET", _ACCOUNT_USAGE, "How the API is used in an account.", usage.show_account_usage, used.Usage,
              refusals=(*_OF_ACCOUNT, no.INVALID_FIELD), may_say=_NARROWED),
    Operation("GET", _ACCOUNT_USAGE + "/calls", "The calls in an account, newest first.", usage.list_account_calls,
              used.RecordedCalls, refusals=(*_OF_ACCOUNT, no.INVALID_FIELD), may_say=_PAGED),
    Operation("GET", _ACCOUNT_USAGE + "/calls/{number}", "One call in an account, with the line that makes it again.",
              usage.show_account_call, used.OneCall, refusals=(*_OF_ACCOUNT, no.NO_SUCH_OBJECT)),
    Operation("GET", _ACCOUNT_USAGE + "/hours.csv", "What is counted in an account, by the hour.",
              usage.download_account_usage, refusals=(*_OF_ACCOUNT, no.INVALID_FIELD), may_say=_NARROWED,
              download="text/csv"),

    # ── promotion ───────────────────────────────────────────────────────────────────────────────────────────────────
    Operation("POST", _KEY + "/tickets", "Make a handle for production, in demo.", promotion.create_ticket,
              on_way.Ticket, 201, on_way.NewTicket, _PRESENTING, once=True),
    Operation("POST", "/api/v1/tickets/exchange", "Burn a handle for its signed ticket, in demo: production asks.",
              promotion.exchange_handle, on_way.SignedTicket, 200, on_way.HandleToExchange,
              (no.HANDLE_NOT_GOOD, *_PASSED),
              asker="anybody"),
    Operation("POST", "/api/v1/receipts", "Take the receipt of a key that arrived, in demo: production asks.",
              promotion.accept_receipt, on_way.Acknowledgement, 200, on_way.SignedReceipt,
              (no.TICKET_NOT_GOOD, no.OTHER_ENVIRONMENT_SILENT), asker="anybody"),
    Operation("POST", "/api/v1/promotions", "Bring a key to production, into an account of yours.",
              promotion.promote_key, on_way.Promotion, 201, on_way.NewPromotion,
              (no.TOKEN_LACKS_PERMISSION, no.PROMOTIONS_ARE_IN_PRODUCTION, no.HANDLE_NOT_GOOD, no.TICKET_NOT_GOOD,
               no.OTHER_ENVIRONMENT_SILENT, no.NO_SUCH_ACCOUNT, no.NOT_AN_ADMIN, no.NOT_THE_PRESENTER,
               no.ACCOUNT_NOT_OPEN, no.WRONG_PLAN, no.KEY_EXISTS, no.FRESH_SIGN_IN_NEEDED, *_PASSED),
              headers=("Location",), once=True),
    Operation("GET", _KEY + "/after-go-live", "What a promoted key still lacks, in production.",
              after_go_live.show_after_go_live, after.AfterGoLive,
              refusals=(*_OF_KEY, no.PROMOTIONS_ARE_IN_PRODUCTION)),
    Operation("POST", _KEY + "/settings-sheet", "Take settings over that the key has in demo, in production.",
              after_go_live.take_over, after.TakenLines, 200, after.LinesToTake,
              (*_WRITING, no.PROMOTIONS_ARE_IN_PRODUCTION, no.INVALID_FIELD, no.CONFLICT)),
    Operation("POST", _KEY + "/receipt", "Let demo be told again that a key is live, after it refused to hear.",
              after_go_live.send_receipt_again, None, 204, as_.Nothing,
              (*_OF_KEY, no.PROMOTIONS_ARE_IN_PRODUCTION, no.NO_SUCH_OBJECT)),
    Operation("GET", _KEY + "/smoke-tests", "Whether a key works in production, as its own traffic shows.",
              after_go_live.list_smoke_tests, after.SmokeTests,
              refusals=(*_OF_KEY, no.PROMOTIONS_ARE_IN_PRODUCTION)),
    Operation("POST", _KEY + "/smoke-tests", "Keep what is seen of a key now, in production.",
              after_go_live.keep_smoke_test, after.SmokeTest, 201, as_.Nothing,
              (*_WRITING, no.PROMOTIONS_ARE_IN_PRODUCTION)),

    # ── transfers ───────────────────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", "/api/v1/transfers", "The transfers of your accounts and organizations.",
              transfers.list_transfers, on_move.Transfers, refusals=(no.TOKEN_LACKS_PERMISSION,)),
    Operation("GET", _MOVING, "One transfer: where it stands, and what you may do.", transfers.show_transfer,
              on_move.Transfer, refusals=_MOVES),
    Operation("GET", _KEY + "/transfer-preview", "What a transfer of a key would move.", transfers.preview_transfer,
              on_move.TransferPreview, refusals=(*_OF_KEY, no.TRANSFERS_ARE_IN_PRODUCTION)),
    Operation("POST", _KEY + "/transfers", "Offer a key to another production account.", transfers.start_transfer,
              on_move.Transfer, 201, on_move.NewTransfer, (*_OF_KEY, *_BEGINNING)),
    Operation("POST", "/api/v1/organizations/{organization}/stand-ins",
              "Start a transfer in the place of an account's lost admin.", transfers.stand_in, on_move.Transfer, 201,
              on_move.NewStandIn,
              (*_OF_ORGANIZATION, no.NO_SUCH_KEY, *_BEGINNING, no.ADMIN_REMOVED_LATELY, no.REQUESTER_OUTSIDE,
               no.DOMAIN_NOT_ACTIVE)),
    Operation("POST", _MOVING + "/acceptances", "Agree to look at what is offered.", transfers.accept_transfer,
              on_move.Transfer, 201, as_.Nothing,
              (*_STEPPING, no.STEP_TAKEN, no.KEY_DELETED, no.ACCOUNT_NOT_OPEN, no.WRONG_PLAN)),
    Operation("POST", _MOVING + "/confirmations", "Confirm for a side in writing, freshly signed in.",
              transfers.confirm_transfer, on_move.TransferMoved, 201, on_move.NewConfirmation,
              (*_STEPPING, no.FRESH_SIGN_IN_NEEDED, no.STEP_TAKEN, no.TRANSFER_NOT_ACCEPTED, no.KEY_DELETED,
               no.SOURCE_NOT_OPEN, no.INVALID_FIELD), asker="person"),
    Operation("POST", _MOVING + "/approvals", "Approve a stand-in, as a second organization admin.",
              transfers.approve_transfer, on_move.TransferMoved, 201, as_.Nothing,
              (*_STEPPING, no.FRESH_SIGN_IN_NEEDED, no.STEP_TAKEN), asker="person"),
    Operation("POST", _MOVING + "/vetoes", "End a stand-in, as an admin of the source.", transfers.veto_transfer,
              on_move.Transfer, 201, on_move.WhyStopped, (*_STEPPING, no.FRESH_SIGN_IN_NEEDED, no.INVALID_FIELD),
              asker="person"),
    Operation("POST", _MOVING + "/cancellations", "End a transfer, from either side.", transfers.cancel_transfer,
              on_move.Transfer, 201, on_move.WhyStopped, (*_STEPPING, no.INVALID_FIELD)),
    Operation("GET", _MOVING + "/record", "The signed record of a key that has moved.",
              transfers.show_transfer_record, on_move.TransferPaper, refusals=(*_MOVES, no.TRANSFER_NOT_READY)),

    *REPLACEMENT_OPERATIONS,
    *SEALED_OPERATIONS,
    *ADVICE_OPERATIONS,
    *WEBHOOK_OPERATIONS,

    *AUDIT_OPERATIONS,
    *POLICY_OPERATIONS,

    # ── check mode ──────────────────────────────────────────────────────────────────────────────────────────────────
    Operation("POST", "/api/v1/calls", "Say how calls ended that were decided here: the log of a gateway, as NDJSON.",
              calls.take_calls, ending.CallsTaken, 200, ending.CallEnded, asker="gateway", media=calls.NDJSON),
)
# fmt: on
