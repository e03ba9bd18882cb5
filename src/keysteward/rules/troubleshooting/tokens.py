"""What goes wrong at the token endpoint, with credentials, codes and refresh tokens?"""

from keysteward.rules.troubleshooting.articles import Article, Cause
from keysteward.rules.troubleshooting.facts import (
    key_stopped,
    no_code_grant,
    no_grant,
    no_jwt_grant,
    no_public_code,
    no_secret,
    secret_expired,
)

TOKENS: tuple[Article, ...] = (
    Article(
        "invalid-client",
        "invalid_client: the app could not prove itself",
        "The key is unknown or stopped here, or what was shown for it (a secret key or an assertion) is not good. "
        "Which one is not told to strangers.",
        (
            Cause(
                "An admin stopped the key, or deleted it.",
                "Start or restore it on its page under Apps and Keys.",
                when=key_stopped,
            ),
            Cause(
                "The app has no secret key in {environment} that is good now. Promotion carries none.",
                "Add a secret key under Secret Keys, and copy it while it is shown.",
                when=no_secret,
            ),
            Cause(
                "The secret key has expired, or dies because it leaked.",
                "Add another one, deploy it, then delete the old one.",
                when=secret_expired,
            ),
            Cause(
                "The app is no public client, so each request for a token has to bring its secret key.",
                "Send HTTP Basic with key and secret; or register the public code grant and use PKCE.",
                when=no_public_code,
            ),
            Cause(
                "The secret belongs to the other environment, or the integration key was pasted in its place.",
                "A secret key of this environment begins with kss_ where it was made here. Make a new one if in "
                "doubt: values are shown once.",
            ),
            Cause(
                "Basic was encoded wrongly: a line break at its end, base64 of only one half, or a colon missing.",
                "Encode key:secret, in one line.",
                "printf '%s' '{key}:SECRET' | base64 -w0",
            ),
            Cause(
                "The form names another key than the Basic header.",
                "Name the key in one place only.",
            ),
        ),
        explains=("invalid-client",),
    ),
    Article(
        "two-proofs",
        "The app proves itself in two ways",
        "The request carries a secret key and an assertion, or two different secret keys. One is enough, and two are "
        "refused (RFC 6749 §2.3).",
        (
            Cause(
                "The HTTP library adds a Basic header of its own while the form holds client_secret too.",
                "Choose one place for the credentials in the library's settings.",
            ),
            Cause(
                "client_assertion was added, and client_secret stayed.",
                "Take client_secret out.",
            ),
        ),
        explains=("two-proofs",),
    ),
    Article(
        "missing-parameter",
        "A parameter is missing",
        "The request lacks a parameter that it needs; the sentence on a page or in a problem names it. At the token "
        "endpoint it is mostly grant_type, client_id, code or refresh_token.",
        (
            Cause(
                "The values were sent as JSON, or in the query of the address, and the form is empty.",
                "Send application/x-www-form-urlencoded in the body of a POST.",
            ),
            Cause(
                "No Basic header was sent, and client_id is missing in the form.",
                "A public client sends client_id in the form; a confidential one sends Basic.",
            ),
            Cause(
                "The variable of the program that holds the value is empty.",
                "Print the names (never the values) of what is sent.",
            ),
        ),
        explains=("missing-parameter",),
    ),
    Article(
        "unsupported-grant",
        "unsupported_grant_type: this grant type is not known",
        "grant_type is none of those that the discovery document names.",
        (
            Cause(
                "The name is shortened. The JWT grant's is long.",
                "Send it whole.",
                "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer",
            ),
            Cause(
                "The program asks for client_credentials or password.",
                "Use the JWT grant: without sub it gives an application token, with sub it acts for a user who "
                "consented.",
            ),
            Cause(
                "The colons were encoded twice.",
                "Let the HTTP library encode the form once.",
            ),
        ),
        explains=("unsupported-grant",),
    ),
    Article(
        "code-not-good",
        "expired_client_token: the authorization code is not good",
        "The code is unknown here, expired, used before, or was issued to another key.",
        (
            Cause(
                "The code came late: it lives two minutes. A breakpoint or a slow page is enough.",
                "Redeem it at once, in the handler of the redirect.",
            ),
            Cause(
                "The code was redeemed twice: the page was reloaded, or two handlers ran. A code that comes back "
                "also ends the tokens it gave.",
                "Redeem once, keep the refresh token, and send the user on to a page without the code.",
            ),
            Cause(
                "The code is the other environment's, or another app's.",
                "Redeem it at the host that issued it, with the key that asked for it.",
            ),
            Cause(
                "On Docusign's own servers the same words also stand for a wrong secret key, often the integration "
                "key pasted in its place.",
                "Compare both; here a wrong secret is invalid_client.",
            ),
        ),
        explains=("code-not-good",),
    ),
    Article(
        "redirect-uri-differs",
        "redirect_uri_mismatch at the token endpoint",
        "The exchange sent a redirect_uri, and it is another one than the code was issued for.",
        (
            Cause(
                "The program computes it from the request it serves, and a proxy changed scheme, host or port.",
                "Take it from the settings, letter by letter the one sent to /oauth/auth, or leave it out: it may be "
                "missing here.",
                "redirect_uri={redirect_uri}",
            ),
            Cause(
                "It ends with a slash in one place and without it in the other.",
                "Use one constant in both places.",
            ),
        ),
        explains=("redirect-uri-differs",),
    ),
    Article(
        "verifier-wrong",
        "The PKCE verifier does not match",
        "code_verifier is missing, malformed, or its SHA-256 is not the code_challenge of this request.",
        (
            Cause(
                "The verifier of another attempt was sent: two tabs, or a session that was overwritten.",
                "Keep one verifier for each state, and look it up by the state that came back.",
            ),
            Cause(
                "The challenge was sent in hexadecimal or with padding.",
                "Send base64url of the SHA-256 without = signs; the method is S256.",
            ),
            Cause(
                "The verifier is shorter than 43 characters or has characters other than letters, digits and - . _ ~.",
                "Make it of 32 random bytes in base64url.",
            ),
        ),
        explains=("verifier-wrong",),
    ),
    Article(
        "refresh-not-good",
        "The refresh token is not good any more",
        "The refresh token is unknown here, expired, used, revoked, or belongs to another app.",
        (
            Cause(
                "It was used before. Each refresh gives a new refresh token, and the old one ends.",
                "Store the refresh token of every answer, before the next request.",
            ),
            Cause(
                "Two workers refreshed at the same moment with the same token; one of them lost.",
                "Let one worker refresh under a lock. A used token that comes back later than ten seconds ends all "
                "tokens of its family.",
            ),
            Cause(
                "30 days went by. Without the scope extended the term does not begin anew with each refresh.",
                "Ask for extended beside the other scopes, or let the user sign in again.",
            ),
            Cause(
                "The user withdrew their consent or was closed, or an admin revoked the key's tokens.",
                "Let the user sign in again; if that fails, the refusal there says why.",
            ),
            Cause(
                "It was made with a secret key that was reported as leaked.",
                "Let the user sign in again with the new secret key in place.",
            ),
            Cause(
                "It is the other environment's.",
                "Keep tokens with the environment they come from.",
            ),
        ),
        explains=("refresh-not-good",),
    ),
    Article(
        "scope-widened",
        "A refresh asks for more than was allowed",
        "The refresh names a scope that the user did not allow when the token was issued.",
        (
            Cause(
                "A new scope was added to the program, and old refresh tokens are still in use.",
                "Leave scope out of the refresh, and send the user to /oauth/auth once for the new one.",
            ),
            Cause(
                "The scope is spelled differently, such as Signature.",
                "Scope names are compared letter by letter.",
            ),
        ),
        explains=("scope-widened",),
    ),
    Article(
        "token-of-another-client",
        "This token belongs to another app",
        "A token can be revoked and asked about by the app that it was issued to, and by no other.",
        (
            Cause(
                "Credentials of one app were sent with a token of another.",
                "Send the key and secret of the app that got the token.",
            ),
            Cause(
                "One service revokes tokens for several apps with a single key.",
                "Give it each app's own credentials, or revoke all tokens of a key in the console.",
            ),
        ),
        explains=("token-of-another-client",),
    ),
    Article(
        "bad-id-token",
        "The id_token_hint is not one of ours",
        "The id token that was sent along is no id token of this environment, or of another app, or cannot be read.",
        (
            Cause(
                "An access token was sent in its place.",
                "Send the id_token of the token answer.",
            ),
            Cause(
                "It stems from the other environment.",
                "Send the one that {origin} issued, or leave the hint out.",
            ),
        ),
        explains=("bad-id-token",),
    ),
    Article(
        "grant-not-registered",
        "unauthorized_client: the app does not register this grant",
        "The key is known. The app is not set up for this way of getting tokens.",
        (
            Cause(
                "The app registers no grant at all in {environment}: that is how a key arrives in production.",
                "Choose its grants on the app's page, under Authentication.",
                when=no_grant,
            ),
            Cause(
                "The JWT grant is not registered.",
                "An admin ticks it under Authentication, and adds a keypair under Service Integration.",
                when=no_jwt_grant,
            ),
            Cause(
                "The authorization code grant is not registered.",
                "An admin ticks the confidential one, or the public one with PKCE, under Authentication.",
                when=no_code_grant,
            ),
            Cause(
                "A public client asks for an app that registers the confidential code grant alone.",
                "Send the secret key; or register the public code grant if the app cannot keep one.",
            ),
        ),
        explains=("grant-not-registered",),
    ),
    Article(
        "unauthorized-client-elsewhere",
        "invalid_grant with unauthorized_client",
        "Docusign's servers say invalid_grant, unauthorized_client when a production key comes with demo's secret or "
        "host, or the other way round.",
        (
            Cause(
                "Key, secret key and account server are not of the same environment.",
                "Put the three side by side: the key is one GUID in both, the secret and the host are not. Make a "
                "new secret key in production after Go-Live.",
            ),
            Cause(
                "The app is not registered for the grant that it uses.",
                "See its page under Authentication.",
            ),
        ),
        signs=("unauthorized_client",),
    ),
    Article(
        "invalid-scope",
        "invalid_scope: the scopes are missing or malformed",
        "scope is empty or missing, or has characters that no scope has.",
        (
            Cause(
                "Scopes were separated by commas.",
                "Separate them by blanks; in an address that is %20 or +.",
                "scope=signature%20impersonation",
            ),
            Cause(
                "An assertion carries scope as a list.",
                "Send one text.",
                '"scope": "signature impersonation"',
            ),
            Cause(
                "Admin consent was asked together with other scopes than openid.",
                "Send scope=openid, and what the organization shall allow in admin_consent_scope.",
            ),
        ),
        explains=("invalid-scope",),
    ),
    Article(
        "doubled-parameter",
        "A parameter came twice",
        "A parameter stands twice in the request, so that two readers could take it differently.",
        (
            Cause(
                "A library adds scope or redirect_uri that the program has put into the address already.",
                "Say it in one place.",
            ),
            Cause(
                "Values were joined to an address that had a query before.",
                "Build the address from its parts.",
            ),
        ),
        explains=("doubled-parameter",),
    ),
)
