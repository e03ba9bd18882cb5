"""Where is every path?"""

from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from keysteward.web import health, oauth
from keysteward.web.api import addresses as api_addresses
from keysteward.web.api import credentials as api_credentials
from keysteward.web.api import golive as api_golive
from keysteward.web.api import keys as api_keys
from keysteward.web.api import operations as api
from keysteward.web.api import people as api_people
from keysteward.web.api import promotion as api_promotion
from keysteward.web.hot import Hot
from keysteward.web.pages import (
    addresses,
    after_go_live,
    app,
    apps,
    credentials,
    golive,
    home,
    life,
    promotion,
    refusals,
    setup,
    signin,
)
from keysteward.web.restapi import accounts as rest_accounts
from keysteward.web.restapi import organizations as admin_organizations
from keysteward.web.restapi import people as admin_people
from keysteward.web.restapi import service as rest_service
from keysteward.web.restapi import users as rest_users
from keysteward.web.restapi.organizations import ADMIN, ADMIN_2_1
from keysteward.web.restapi.versions import REST
from keysteward.web.showing import STATIC

_FORM = ["GET", "POST"]  # opened by GET, the address of a form leads to its page

# fmt: off
ROUTES: list[BaseRoute] = [
    # ── OAuth and OpenID Connect (the token endpoint first: it is the hottest) ──────────────────────────────────────
    Route("/oauth/token", Hot(oauth.token), methods=["POST"]),
    Route("/oauth/auth", oauth.authorization, methods=["GET"]),
    Route("/oauth/auth", oauth.authorization_posted, methods=["POST"]),
    Route("/oauth/signin", oauth.sign_in, methods=["POST"]),
    Route("/oauth/consent", oauth.decide, methods=["POST"]),
    Route("/oauth/userinfo", oauth.userinfo, methods=["GET", "POST"]),
    Route("/oauth/jwks", oauth.jwks),
    Route("/.well-known/openid-configuration", oauth.discovery),
    Route("/.well-known/oauth-authorization-server", oauth.discovery),
    Route("/.well-known/keysteward-papers", oauth.papers),

    # ── the Docusign-compatible API ─────────────────────────────────────────────────────────────────────────────────
    Route("/restapi", rest_service.service_information),
    Route("/restapi/service_information", rest_service.service_information),
    Route(REST, rest_service.resources),
    Route(REST + "/login_information", rest_service.login_information),
    Route(REST + "/oauth2/token", rest_service.legacy_token, methods=["POST"]),
    Route(REST + "/oauth2/revoke", rest_service.legacy_token, methods=["POST"]),
    Route(REST + "/billing_plans", rest_accounts.billing_plans),
    Route(REST + "/billing_plans/{plan}", rest_accounts.one_billing_plan),
    Route(REST + "/accounts/{account}", rest_accounts.account),
    Route(REST + "/accounts/{account}/settings", rest_accounts.settings),
    Route(REST + "/accounts/{account}/permission_profiles", rest_accounts.profiles),
    Route(REST + "/accounts/{account}/permission_profiles/{profile}", rest_accounts.profile),
    Route(REST + "/accounts/{account}/groups", rest_accounts.groups),
    Route(REST + "/accounts/{account}/billing_plan", rest_accounts.billing_plan),
    Route(REST + "/accounts/{account}/users", rest_users.users),
    Route(REST + "/accounts/{account}/users/{user}", rest_users.user),

    # ── the Admin API ───────────────────────────────────────────────────────────────────────────────────────────────
    Route(ADMIN, admin_organizations.organizations),
    Route(ADMIN + "/{organization}/users", admin_people.users),
    Route(ADMIN + "/{organization}/users/profile", admin_people.profiles_by_email),
    Route(ADMIN_2_1 + "/{organization}/users/dsprofile", admin_people.profiles_by_email),
    Route(ADMIN_2_1 + "/{organization}/users/{user}/dsprofile", admin_people.profile_by_id),
    Route(ADMIN + "/{organization}/accounts/{account}/permissions", admin_organizations.permissions),
    Route(ADMIN + "/{organization}/accounts/{account}/groups", admin_organizations.groups),
    Route(ADMIN + "/{organization}/reserved_domains", admin_organizations.reserved_domains),
    Route(ADMIN + "/{organization}/identity_providers", admin_organizations.identity_providers),

    # ── our own API ─────────────────────────────────────────────────────────────────────────────────────────────────
    Route("/api/v1/openapi.json", api.describe_api),
    Route("/api/v1/me", api_people.show_me),
    Route("/api/v1/personal-access-tokens", api_people.list_tokens),
    Route("/api/v1/personal-access-tokens", api_people.create_token, methods=["POST"]),
    Route("/api/v1/personal-access-tokens/{id}", api_people.revoke_token, methods=["DELETE"]),
    Route("/api/v1/connected-apps", api_people.list_connected_apps),
    Route("/api/v1/connected-apps/{key}", api_people.disconnect_app, methods=["DELETE"]),
    Route("/api/v1/accounts/{account}/keys", api_keys.list_keys),
    Route("/api/v1/accounts/{account}/keys", api_keys.create_key, methods=["POST"]),
    Route("/api/v1/keys/{key}", api_keys.show_key),
    Route("/api/v1/keys/{key}", api_keys.change_key, methods=["PATCH"]),
    Route("/api/v1/keys/{key}", api_keys.delete_key, methods=["DELETE"]),
    Route("/api/v1/keys/{key}/restorations", api_keys.restore_key, methods=["POST"]),
    Route("/api/v1/keys/{key}/stop", api_keys.stop_key, methods=["PUT"]),
    Route("/api/v1/keys/{key}/stop", api_keys.start_key, methods=["DELETE"]),
    Route("/api/v1/keys/{key}/token-revocations", api_keys.revoke_tokens, methods=["POST"]),
    Route("/api/v1/keys/{key}/implicit-waiver", api_keys.waive_implicit, methods=["PUT"]),
    Route("/api/v1/keys/{key}/secrets", api_credentials.list_secrets),
    Route("/api/v1/keys/{key}/secrets", api_credentials.create_secret, methods=["POST"]),
    Route("/api/v1/keys/{key}/secrets/{id}", api_credentials.delete_secret, methods=["DELETE"]),
    Route("/api/v1/keys/{key}/keypairs", api_credentials.list_keypairs),
    Route("/api/v1/keys/{key}/keypairs", api_credentials.create_keypair, methods=["POST"]),
    Route("/api/v1/keys/{key}/keypairs/{id}", api_credentials.delete_keypair, methods=["DELETE"]),
    Route("/api/v1/keys/{key}/redirect-uris", api_addresses.list_redirect_uris),
    Route("/api/v1/keys/{key}/redirect-uris", api_addresses.add_redirect_uri, methods=["POST"]),
    Route("/api/v1/keys/{key}/redirect-uris", api_addresses.remove_redirect_uri, methods=["DELETE"]),
    Route("/api/v1/keys/{key}/origins", api_addresses.list_origins),
    Route("/api/v1/keys/{key}/origins", api_addresses.add_origin, methods=["POST"]),
    Route("/api/v1/keys/{key}/origins", api_addresses.remove_origin, methods=["DELETE"]),
    Route("/api/v1/keys/{key}/readiness", api_golive.show_readiness),
    Route("/api/v1/keys/{key}/reviews", api_golive.list_reviews),
    Route("/api/v1/keys/{key}/reviews", api_golive.start_review, methods=["POST"]),
    Route("/api/v1/keys/{key}/reviews/{id}", api_golive.show_review),
    Route("/api/v1/keys/{key}/tickets", api_promotion.create_ticket, methods=["POST"]),
    Route("/api/v1/tickets/exchange", api_promotion.exchange_handle, methods=["POST"]),
    Route("/api/v1/receipts", api_promotion.accept_receipt, methods=["POST"]),
    Route("/api/v1/promotions", api_promotion.promote_key, methods=["POST"]),
    Route("/api/v1/keys/{key}/after-go-live", api_promotion.show_after_go_live),

    # ── the console ─────────────────────────────────────────────────────────────────────────────────────────────────
    Route("/", home.home),
    Route("/setup", setup.form),
    Route("/setup", setup.set_up, methods=["POST"]),
    Route("/signin", signin.form),
    Route("/signin", signin.sign_in, methods=["POST"]),
    Route("/signout", signin.sign_out, methods=["POST"]),
    Route("/account", signin.choose_account, methods=_FORM),
    Route("/apps", apps.listed),
    Route("/apps", apps.create, methods=["POST"]),
    Route("/apps/new", apps.new),
    Route("/apps/{key}", app.shown),
    Route("/apps/{key}/general", app.general, methods=_FORM),
    Route("/apps/{key}/authentication", app.authentication, methods=_FORM),
    Route("/apps/{key}/links", app.links, methods=_FORM),
    Route("/apps/{key}/secrets", credentials.add_secret, methods=_FORM),
    Route("/apps/{key}/secrets/{id}/delete", credentials.delete_secret, methods=_FORM),
    Route("/apps/{key}/keypairs", credentials.generate_keypair, methods=_FORM),
    Route("/apps/{key}/keypairs/upload", credentials.upload_public_key, methods=_FORM),
    Route("/apps/{key}/keypairs/{id}/delete", credentials.delete_keypair, methods=_FORM),
    Route("/apps/{key}/redirect-uris", addresses.add_redirect_uri, methods=_FORM),
    Route("/apps/{key}/redirect-uris/delete", addresses.delete_redirect_uri, methods=_FORM),
    Route("/apps/{key}/origins", addresses.add_origin, methods=_FORM),
    Route("/apps/{key}/origins/delete", addresses.delete_origin, methods=_FORM),
    Route("/apps/{key}/stop", life.stop, methods=_FORM),
    Route("/apps/{key}/start", life.start, methods=_FORM),
    Route("/apps/{key}/revoke-tokens", life.revoke_tokens, methods=_FORM),
    Route("/apps/{key}/delete", life.delete, methods=_FORM),
    Route("/apps/{key}/restore", life.restore, methods=_FORM),
    Route("/apps/{key}/go-live", golive.progress),
    Route("/apps/{key}/reviews", golive.start_review, methods=_FORM),
    Route("/apps/{key}/reviews/{id}", golive.review),
    Route("/apps/{key}/reviews/{id}/go-live", golive.go_live, methods=_FORM),
    Route("/go-live", promotion.choose),
    Route("/go-live", promotion.go_live, methods=["POST"]),
    Route("/apps/{key}/after-go-live", after_go_live.shown),
    Route("/apps/{key}/settings-sheet", after_go_live.add, methods=_FORM),
    Route("/help/refusals", refusals.listed),
    Mount("/static", GZipMiddleware(StaticFiles(directory=STATIC))),

    # ── for operators ───────────────────────────────────────────────────────────────────────────────────────────────
    Route("/livez", health.alive),
    Route("/readyz", health.ready),
]
# fmt: on
