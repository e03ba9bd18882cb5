"""What goes wrong with calls of the API?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

CALLS: tuple[Article, ...] = (
    Article(
        "no-token",
        "PARTNER_AUTHENTICATION_FAILED: no access token came",
        "The call carries no Authorization header with a Bearer token. The words are those that Docusign uses when "
        "no integration key can be told.",
        (
            Cause(
                "The header was not sent: set on another client object, or lost at a redirect to another host.",
                "Look at the request with curl -v, or in a request log.",
                "Authorization: Bearer ACCESS_TOKEN",
            ),
            Cause(
                "The header holds the token without the word Bearer, or Basic with a password.",
                "Write Bearer, a blank, and the token.",
            ),
            Cause(
                "A proxy in front removes the header.",
                "Let it pass Authorization on.",
            ),
            Cause(
                "The call still uses X-DocuSign-Authentication.",
                "Legacy authentication has ended; get a token by OAuth 2.0.",
            ),
        ),
        explains=("no-token",),
    ),
    Article(
        "bad-token",
        "AUTHORIZATION_INVALID_TOKEN: the access token is not good",
        "The token is expired, was revoked, or is no token of this server. Userinfo answers 401 then; on Docusign's "
        "servers it says internal_server_error with a reference_id and means the same.",
        (
            Cause(
                "It expired: an hour after a JWT grant, eight hours after a code.",
                "Get a new one, by refresh or by a new assertion; expires_in said when.",
            ),
            Cause(
                "An admin revoked the tokens of the key, or stopped it; or the user withdrew their consent.",
                "Ask for a new token. If that is refused too, its refusal says why.",
            ),
            Cause(
                "It was made with a secret key or keypair that leaked.",
                "Use the new one that was made then.",
            ),
            Cause(
                "The token was cut, or the id token or refresh token was sent in its place.",
                "Send access_token of the answer, whole.",
            ),
        ),
        explains=("bad-token",),
        signs=(
            "internal_server_error",
            "token is expired, revoked or malformed",
        ),
    ),
    Article(
        "foreign-token",
        "USER_AUTHENTICATION_FAILED: a token of the other environment",
        "The token is well made, and another environment issued it. A demo token is refused everywhere in "
        "production, and the reverse.",
        (
            Cause(
                "The account server was switched and the base URI was not, or the other way round.",
                "Take the base URI from userinfo of the server that issued the token, and store them together.",
            ),
            Cause(
                "A token cache is shared by both environments.",
                "Put the account server's host into the cache's key.",
            ),
        ),
        explains=("foreign-token",),
        signs=("invalid access token",),
    ),
    Article(
        "legacy-ended",
        "Legacy authentication has ended",
        "Key, user name and password in a header are not taken any more in {environment}: for good, for a while as a "
        "warning, or for keys that never used it.",
        (
            Cause(
                "An old program, or one that was copied from an old sample, sends X-DocuSign-Authentication or a "
                "SOAP UsernameToken.",
                "Move to OAuth 2.0: /help/legacy-authentication says which grant replaces it, and the console who "
                "calls how.",
            ),
            Cause(
                "It worked yesterday, for brown-outs begin and end by the clock.",
                "Do not wait for the end of it; the page Legacy authentication shows the dates.",
            ),
            Cause(
                "A new key tries the old way, and only keys known from before may.",
                "Begin with OAuth 2.0.",
            ),
        ),
        explains=(
            "legacy-retired",
            "legacy-brown-out",
            "legacy-not-known",
        ),
    ),
    Article(
        "legacy-unknown-key",
        "A legacy header with an unknown key",
        "The header was read, and names no key that is alive here.",
        (
            Cause(
                "The key was never promoted to {environment}.",
                "Promote it; and use OAuth 2.0, for legacy authentication ends.",
            ),
            Cause(
                "The key stands in the wrong place: SOAP wants it in square brackets before the user name.",
                "Correct the header.",
            ),
        ),
        explains=("legacy-unknown-key",),
    ),
    Article(
        "legacy-wrong-password",
        "A legacy header with a wrong user or password",
        "The header was read, and user name and password do not fit.",
        (
            Cause(
                "The password was changed, or belongs to the other environment.",
                "Do not put the new one into the program: use OAuth 2.0, which needs no password.",
            ),
        ),
        explains=("legacy-wrong-password",),
    ),
    Article(
        "legacy-unreadable",
        "A legacy header that cannot be read",
        "X-DocuSign-Authentication must hold one JSON object or one DocuSignCredentials element.",
        (
            Cause(
                "A field is missing, comes twice, or the header was sent twice.",
                "Better than mending it: use OAuth 2.0.",
            ),
            Cause(
                "It asks for SendOnBehalfOf.",
                "Get an access token of that user by the JWT grant, with their consent.",
            ),
        ),
        explains=("legacy-unreadable",),
    ),
    Article(
        "application-token",
        "An application token cannot do this",
        "The token was issued without a user (an assertion without sub). Such a token is good for the Admin API only.",
        (
            Cause(
                "sub was left out by mistake, or its variable is empty.",
                "Name the user in sub.",
                '"sub": "{user}"',
            ),
            Cause(
                "A program of the Admin API also makes eSignature calls.",
                "Get a second token for those, with sub, for a user who consented.",
            ),
        ),
        explains=("application-token",),
    ),
    Article(
        "not-a-member",
        "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT",
        "The user of the token is no active member of the account in the path.",
        (
            Cause(
                "The account id is the other environment's. One company has another account id in each.",
                "Take account_id from userinfo of this token.",
            ),
            Cause(
                "The path holds the user id, or the numeric account id of another account.",
                "Use the API Account ID.",
            ),
            Cause(
                "The user was removed from the account, or the account was closed.",
                "Ask its admin to look under Members.",
            ),
        ),
        explains=("not-a-member",),
        signs=("user_lacks_membership",),
    ),
    Article(
        "scope-missing",
        "The token lacks a scope",
        "The token is good, and this call needs a scope that it does not carry.",
        (
            Cause(
                "The Admin API needs scopes such as organization_read or user_read, and the program asked for "
                "signature alone.",
                "Ask for the scope that the refusal names, and have it consented.",
            ),
            Cause(
                "The user consented to fewer scopes than the program thinks.",
                "Look at scope in the token's answer.",
            ),
        ),
        explains=("scope-missing",),
    ),
    Article(
        "app-blocked",
        "An admin blocked this app in the account",
        "The key works elsewhere. An admin of the account in the path does not let this app act there.",
        (
            Cause(
                "It was blocked under Apps acting here.",
                "An admin of that account can lift it on the same page. Whoever manages the key cannot.",
            ),
            Cause(
                "The app calls an account that it should not call.",
                "Take the account from the user's userinfo, and let your customer choose.",
            ),
        ),
        explains=("app-blocked",),
    ),
    Article(
        "request-refused-by-path",
        "The address can be read in two ways",
        "The path holds dot segments, encoded slashes or control characters, which proxies and servers read "
        "differently.",
        (
            Cause(
                "An id that holds a slash was put into the path.",
                "Ids of this API hold none; check what was put in.",
            ),
            Cause(
                "Two parts were joined with ../ or //.",
                "Build the path from its parts.",
            ),
        ),
        explains=("bad-path",),
    ),
    Article(
        "hourly-limit-exceeded",
        "The hourly limit is reached",
        "All apps together made as many calls in this account within the clock hour as it may: {hourly}, unless an "
        "operator set another number.",
        (
            Cause(
                "A loop, or a retry without a pause.",
                "Look at Usage: it lists who calls what. Wait until X-RateLimit-Reset, which is an instant, not a "
                "duration.",
            ),
            Cause(
                "Envelopes are asked again and again for their status.",
                "Let Connect tell you, or list changes since a moment.",
            ),
            Cause(
                "The work really is that large.",
                "Spread it over the hours; ask the operator for another limit, and look at X-RateLimit-Remaining.",
            ),
            Cause(
                "A refused call is a failure, and breaks the run of a Go-Live review.",
                "Make {calls_needed} good calls after the hour has turned.",
            ),
        ),
        explains=("hourly-limit-exceeded",),
        signs=("hourly_apiinvocation_limit_exceeded",),
    ),
    Article(
        "burst-limit-exceeded",
        "The burst limit is reached",
        "Too many calls came within 30 seconds: {burst} are taken in {environment}. Demo takes fewer than production.",
        (
            Cause(
                "Calls are made in parallel without a bound.",
                "Bound them, and pause when X-BurstLimit-Remaining is near nothing.",
            ),
            Cause(
                "A load test runs against demo.",
                "Test against a twin, whose limits you set yourself.",
            ),
        ),
        explains=("burst-limit-exceeded",),
        signs=("burst_apiinvocation_limit_exceeded",),
    ),
)
