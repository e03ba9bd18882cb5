"""What goes wrong on the way through the browser, and on the sign-in page of an app?"""

from keysteward.rules.troubleshooting.articles import Article, Cause
from keysteward.rules.troubleshooting.facts import key_stopped, no_origin, no_redirect_uri, pkce_demanded

PAGES: tuple[Article, ...] = (
    Article(
        "redirect-uri-not-registered",
        "The redirect URI is not registered",
        "The app sent a redirect_uri that it did not register in {environment}. Nothing is sent there, for it could "
        "be anybody's address.",
        (
            Cause(
                "The app has no redirect URI in {environment}: they do not come along when a key goes live.",
                "Open the app here, and add it under Redirect URIs and CORS.",
                when=no_redirect_uri,
            ),
            Cause(
                "One letter differs: http and https, a slash at the end, www, the port, capital letters.",
                "Register exactly what the app sends. It is compared letter by letter.",
                "{redirect_uri}",
            ),
            Cause(
                "The address was registered in {other}, or with another key.",
                "Register it with {key} in {environment}.",
            ),
            Cause(
                "You are a user of the app and cannot change it.",
                "Send the full address of the page to whoever runs the app; it names the key and the redirect URI.",
            ),
        ),
        explains=("redirect-uri-not-registered",),
        signs=(
            "redirect uri is not registered properly",
            "redirect_uri is not registered",
        ),
    ),
    Article(
        "unknown-client",
        "This integration key is not known here",
        "client_id is no key that is alive in {environment}.",
        (
            Cause(
                "An admin stopped the key, or deleted it.",
                "Start or restore it on its page under Apps and Keys.",
                when=key_stopped,
            ),
            Cause(
                "The app sends people to {environment}, and its key is known in {other} only.",
                "Use the account server of the key's environment, or promote the key.",
            ),
            Cause(
                "client_id holds the secret key, a user id, or a key in capital letters.",
                "Copy the integration key from Apps and Keys.",
            ),
        ),
        explains=("unknown-client",),
    ),
    Article(
        "unsupported-response-type",
        "This response type is not known",
        "response_type must be code, token, id_token or id_token token.",
        (
            Cause(
                "It is missing, or misspelled.",
                "Ask for a code, which suits every app.",
                "response_type=code",
            ),
            Cause(
                "The app asks for a hybrid such as code id_token.",
                "Ask for code with the scope openid: the id token comes with the tokens.",
            ),
        ),
        explains=("unsupported-response-type",),
    ),
    Article(
        "unsupported-response-mode",
        "This response mode is not possible",
        "response_mode is unknown, or would put a token into the query, where logs keep it.",
        (
            Cause(
                "A browser app asks for tokens with response_mode=query.",
                "Use fragment or form_post; or ask for a code.",
            ),
            Cause(
                "The mode is one of JARM, such as query.jwt.",
                "Leave it out: a code comes in the query, tokens in the fragment.",
            ),
        ),
        explains=("unsupported-response-mode",),
    ),
    Article(
        "nonce-required",
        "An id token needs openid and a nonce",
        "An id token that comes without a code is protected by a nonce only, so it is demanded.",
        (
            Cause(
                "The nonce is missing.",
                "Send a fresh random nonce, keep it, and compare it with the id token's.",
            ),
            Cause(
                "scope lacks openid.",
                "Add it.",
            ),
        ),
        explains=("nonce-required",),
    ),
    Article(
        "bad-max-age",
        "max_age is not a number of seconds",
        "max_age says how old a sign-in may be, in whole seconds.",
        (
            Cause(
                "It was sent with a unit or a fraction, such as 5m or 0.5.",
                "Send whole seconds.",
                "max_age=300",
            ),
        ),
        explains=("bad-max-age",),
    ),
    Article(
        "request-objects",
        "Request objects are not taken",
        "The parameters request and request_uri carry the parameters inside a JWT or at an address. This server "
        "takes them plainly only.",
        (
            Cause(
                "The library is set up for signed requests (JAR) or pushed requests.",
                "Switch that off. The discovery document says what is supported.",
            ),
        ),
        explains=(
            "request-object",
            "request-uri",
        ),
    ),
    Article(
        "implicit-needs-waiver",
        "The implicit grant needs a waiver in production",
        "Tokens in an address end up in histories and logs, so production takes this old grant only where an admin "
        "said why, and until when.",
        (
            Cause(
                "The app was built with the implicit grant in demo, where it is taken.",
                "Move to the authorization code grant with PKCE, which needs no secret key either.",
            ),
            Cause(
                "The waiver has ended.",
                "An admin of the management account can give a new one on the app's page, with a reason and an end.",
            ),
        ),
        explains=("implicit-needs-waiver",),
    ),
    Article(
        "pkce-required",
        "PKCE is required",
        "The app is set to take codes with PKCE only, or is a public client, and the request brought no "
        "code_challenge.",
        (
            Cause(
                "The app demands PKCE of every code.",
                "Send code_challenge and code_challenge_method=S256, and later code_verifier. If the app keeps a "
                "secret key and its SDK cannot do PKCE, an admin may take the demand back under Authentication.",
                when=pkce_demanded,
            ),
            Cause(
                "code_challenge_method is missing; its default in the standard is plain, which is not taken.",
                "Send S256.",
                "code_challenge_method=S256",
            ),
        ),
        explains=("pkce-required",),
        signs=(
            "code challenge and code challenge method required",
            "code_challenge required",
        ),
    ),
    Article(
        "bad-challenge",
        "The code challenge is malformed",
        "code_challenge must be 43 characters of base64url, and its method S256.",
        (
            Cause(
                "The method was sent as s256 or plain.",
                "S256, with a capital S.",
            ),
            Cause(
                "The challenge is hexadecimal, padded with =, or the verifier itself.",
                "Send base64url(SHA-256(verifier)) without padding.",
            ),
        ),
        explains=("bad-challenge",),
    ),
    Article(
        "consent-denied",
        "access_denied: the user said no",
        "Somebody pressed Deny on the consent page.",
        (
            Cause(
                "They did not know the app by its name.",
                "Give the app a name that its users know, under General Info, and links under Redirect URIs and CORS.",
            ),
            Cause(
                "The app asks for more than they want to allow.",
                "Ask for the scopes that it needs now, and later for others.",
            ),
        ),
        explains=("consent-denied",),
    ),
    Article(
        "not-for-an-organization",
        "Only an organization admin may allow this",
        "The address asks for the consent of a whole organization, and whoever signed in is no admin of one.",
        (
            Cause(
                "The link was opened by an account admin. An organization admin is somebody else.",
                "Send the link to an organization admin of the users' organization.",
            ),
            Cause(
                "It was meant as a user's own consent.",
                "Leave admin_consent_scope out.",
                "{consent_url}",
            ),
        ),
        explains=("not-for-an-organization",),
    ),
    Article(
        "login-required",
        "login_required: nobody is signed in",
        "The app asked silently (prompt=none), and no browser session is there that would do.",
        (
            Cause(
                "The user signed out, or their session ended.",
                "Ask again without prompt=none.",
            ),
            Cause(
                "The app runs in an iframe of another site, where browsers keep cookies back.",
                "Open the page in the whole window, or keep a refresh token on a server.",
            ),
            Cause(
                "max_age is smaller than the age of the sign-in.",
                "Ask without prompt=none, so that the user signs in anew.",
            ),
        ),
        explains=("login-required",),
    ),
    Article(
        "no-open-account",
        "No open account for this user",
        "Whoever signed in is an active member of no open account, so that nothing could be done for them.",
        (
            Cause(
                "Their account was suspended or closed.",
                "Ask its admin, or the operator of {environment}.",
            ),
            Cause(
                "They were removed, or never confirmed the invitation.",
                "Ask an admin of the account to look under Members.",
            ),
            Cause(
                "They signed in to the wrong environment.",
                "The frame of every page says which one it is; the other is at {other_origin}.",
            ),
        ),
        explains=("no-open-account",),
    ),
    Article(
        "unknown-prompt",
        "The prompt is not one that is known here",
        "prompt says what to show to the user, in words that the discovery document names.",
        (
            Cause(
                "prompt=create, or a word of another provider, is sent.",
                "Send login, consent, select_account or none, or leave it out.",
            ),
            Cause(
                "Several words were separated by commas.",
                "Separate them by blanks; in an address that is %20 or +.",
                "prompt=login%20consent",
            ),
        ),
        explains=("unknown-prompt",),
    ),
    Article(
        "prompts-contradict",
        "prompt=none stands alone",
        "prompt=none says to show nothing; another value beside it says to show something.",
        (
            Cause(
                "The library adds prompt=login or consent to what the program sends.",
                "Send none alone, or leave it out.",
            ),
        ),
        explains=("prompts-contradict",),
    ),
    Article(
        "origin-not-registered",
        "No app lists this web origin",
        "A page in a browser asked, and its origin is not among those that an admin listed with the app; the browser "
        "hides the answer and says CORS.",
        (
            Cause(
                "The app has no web origin in {environment}.",
                "Add it on the app's page, under CORS: scheme, host and port.",
                when=no_origin,
            ),
            Cause(
                "The origin differs: http and https, www, or the port of a development server.",
                "Copy the Origin header that the browser sends.",
            ),
            Cause(
                "The call carries no client_id, so that nobody knows which app it is for.",
                "Send client_id in the form of the token request.",
            ),
        ),
        explains=("origin-not-registered",),
    ),
)
