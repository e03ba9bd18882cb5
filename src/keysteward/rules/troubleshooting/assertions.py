"""What goes wrong with the JWT grant and its assertions?"""

from keysteward.rules.troubleshooting.articles import Article, Cause
from keysteward.rules.troubleshooting.facts import key_stopped, keypair_expired, no_keypair, not_live_yet

ASSERTIONS: tuple[Article, ...] = (
    Article(
        "issuer-not-found",
        "issuer_not_found: the key is not known here",
        "The token endpoint looked for the integration key that your assertion names in iss, and found none that is "
        "alive in {environment}. Each environment has its own keys: one that works in demo is unknown in production "
        "until it went live.",
        (
            Cause(
                "An admin stopped the key, or deleted it. A stopped key is answered as if it did not exist.",
                "Start or restore it on its page under Apps and Keys; a deleted key can come back for {restore_days} "
                "days.",
                when=key_stopped,
            ),
            Cause(
                "The key was never promoted, so production does not know it.",
                "Use demo's account server until the key has passed its Go-Live review and gone live.",
                when=not_live_yet,
            ),
            Cause(
                "The program talks to the other environment's account server: a demo key against production, or a "
                "production setting left on demo.",
                "Compare the host that you ask with {host}, and iss with {key}. Host, key, user id and private key "
                "all belong to one environment.",
            ),
            Cause(
                "iss holds something else: the user id, the account id, the secret key, or the key in capital letters.",
                "Put the integration key into iss exactly as Apps and Keys shows it, in lower case.",
                '"iss": "{key}"',
            ),
            Cause(
                "aud names another server. That is told by the same words, for this is how the SDKs know it.",
                "Set aud to the account server's host alone, without https:// and without a path.",
                '"aud": "{host}"',
            ),
        ),
        explains=("issuer-not-found",),
    ),
    Article(
        "audience-wrong",
        "issuer_not_found: the assertion is meant for another server",
        "The signature is good, and aud names a server that is not this one. The answer says issuer_not_found, as "
        "the SDKs expect it.",
        (
            Cause(
                "aud holds the API's address (or its /restapi path) and not the account server's.",
                "Use the host of the account server, the one whose /oauth/token you post to.",
                '"aud": "{host}"',
            ),
            Cause(
                "aud has the port missing, or a port too many. A twin on this machine has one in its host.",
                "Copy host and port as they are: {host}.",
            ),
            Cause(
                "The program was switched from demo to production in one place and not in the other.",
                "Keep account server, key, user id and private key together in one set of settings for each "
                "environment.",
            ),
            Cause(
                "aud is a list of several servers.",
                "Send one text, or a list that holds nothing else.",
            ),
        ),
        explains=("audience-wrong",),
    ),
    Article(
        "no-valid-keys-or-signatures",
        "no_valid_keys_or_signatures: the signature or the times do not fit",
        "No keypair that this app has in {environment} made the signature, or iat, nbf and exp do not fit the clock. "
        "Which of the two it was is not told to strangers; the stored attempts on the Diagnose page say it.",
        (
            Cause(
                "The app has no keypair in {environment}. Promotion carries the key alone, never its keypairs.",
                "Open the app here, choose Service Integration, and generate a keypair or upload the public half of "
                "one.",
                when=no_keypair,
            ),
            Cause(
                "The keypair has expired.",
                "Add a new keypair under Service Integration, let the program sign with it, then delete the old one.",
                when=keypair_expired,
            ),
            Cause(
                "The program signs with another private key: the other environment's, an older one, or a file that "
                "was cut or changed when it was copied.",
                "Compare the thumbprint: keysteward doctor with --private-key-file tells whether the file fits. "
                "Generate a new keypair if the private half is lost; it was shown once.",
            ),
            Cause(
                "The clock of the machine is ahead, so that iat or nbf lies in the future; {skew_seconds} seconds "
                "are allowed.",
                "Set the clock by NTP. keysteward doctor compares it with the server's.",
            ),
            Cause(
                "exp is missing, in milliseconds, or more than two hours after iat.",
                "Use whole seconds since 1970, and let exp be an hour after iat.",
                '"iat": now, "exp": now + 3600',
            ),
            Cause(
                "The header names a kid that no keypair of the app has.",
                "Leave kid out, or set it to the Keypair ID of the page.",
            ),
            Cause(
                "The assertion is signed with another algorithm than RS256 or ES256.",
                "Set alg to the one that fits the keypair: RS256 for RSA.",
            ),
        ),
        explains=("no-valid-keys-or-signatures",),
    ),
    Article(
        "assertion-expired",
        "expired_grant: the assertion has expired",
        "exp lies in the past by more than {skew_seconds} seconds, by the clock of the server.",
        (
            Cause(
                "One assertion was made at the start of the program and is sent again and again.",
                "Make a new assertion for each token. Keep the access token for its hour, and make the next one when "
                "it ends.",
            ),
            Cause(
                "The clock of the machine is behind.",
                "Set it by NTP; in a container it is the host's clock that counts.",
            ),
            Cause(
                "iat and exp were computed in local time.",
                "Compute them in UTC, as seconds since 1970.",
            ),
        ),
        explains=("assertion-expired",),
    ),
    Article(
        "subject-malformed",
        "invalid_subject: the user id is not a GUID",
        "sub must be the GUID of a user, in lower case. It holds something else.",
        (
            Cause(
                "sub holds an e-mail address or a name.",
                "Use the User ID that Apps and Keys shows under My Account Information, or sub of userinfo.",
            ),
            Cause(
                "sub holds the numeric account id, braces around the GUID, or a blank before it.",
                "Send the 36 characters alone.",
            ),
            Cause(
                "sub is an empty text, to say no user.",
                "Leave sub out for an application token, which the Admin API alone takes.",
            ),
        ),
        explains=("subject-malformed",),
    ),
    Article(
        "user-not-found",
        "user_not_found: no such active user here",
        "sub is a GUID, but of no active user of {environment}. One person has one user id in demo and another in "
        "production.",
        (
            Cause(
                "The user id is the other environment's.",
                "Sign in to {origin} and copy the User ID there, or take sub from userinfo here.",
            ),
            Cause(
                "sub holds the API Account ID. Both are GUIDs and stand beside each other.",
                "Take the User ID. The account id belongs into the path of a call.",
            ),
            Cause(
                "The user was closed, or is invited and never signed in.",
                "Ask an admin of the account to look at Members, and let the user sign in once.",
            ),
            Cause(
                "One person has several users with one address, and this one was closed.",
                "Ask userinfo with a token of the person: its sub is the user who consents and is impersonated.",
            ),
        ),
        explains=("user-not-found",),
    ),
    Article(
        "consent-required",
        "consent_required: the user has not allowed this",
        "The key, the signature and the user are good. What is missing is the user's consent: to these scopes, for "
        "this key, in {environment}, and to impersonation.",
        (
            Cause(
                "The user never opened the consent page in {environment}. Consent given in demo says nothing in "
                "production.",
                "Send the user once to this address and let them allow it; then ask again.",
                "{consent_url}",
            ),
            Cause(
                "The user consented, but without impersonation, or to fewer scopes than the assertion asks.",
                "Ask for consent with every scope of the assertion, and impersonation beside them.",
                "{consent_url}",
            ),
            Cause(
                "Somebody else consented: the browser was signed in as another user than sub names.",
                "Compare sub with the user who consented; userinfo tells it. One address may have several users.",
            ),
            Cause(
                "The user withdrew it under Connected apps, or an organization withdrew its own.",
                "Ask them to allow the app again.",
            ),
            Cause(
                "An application token was asked for (no sub), and no organization authorized the app.",
                "An organization admin authorizes it under Authorized apps, with these scopes.",
            ),
            Cause(
                "There are many users, and each would have to be asked.",
                "Let an admin of their organization consent for all users of its claimed domains: see admin consent.",
            ),
        ),
        explains=("consent-required",),
    ),
    Article(
        "consent-needed",
        "consent_required at a redirect with prompt=none",
        "The app asked silently, and the user would have to be shown the consent page first.",
        (
            Cause(
                "The user has not allowed these scopes yet.",
                "Send them to /oauth/auth without prompt=none; once they allowed it, prompt=none works.",
                "{consent_url}",
            ),
            Cause(
                "The app asks for one scope more than before.",
                "Ask openly once, so that the user sees the new scope.",
            ),
        ),
        explains=("consent-needed",),
    ),
    Article(
        "malformed-assertion",
        "invalid_request: the assertion cannot be read",
        "The assertion is missing, is no signed JWT of three parts, or holds a jti that is no text.",
        (
            Cause(
                "The form field is named otherwise, such as client_assertion or token.",
                "Post grant_type and assertion in a form.",
                "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=eyJ…",
            ),
            Cause(
                "The JWT was made without a signature, or encrypted.",
                "Sign it as a compact JWS with RS256.",
            ),
            Cause(
                "The text was cut by a line break, or its plus signs and equals signs were changed on the way.",
                "Send it URL-encoded, in one line; base64url has no padding.",
            ),
        ),
        explains=("malformed-assertion",),
    ),
    Article(
        "assertion-reused",
        "The assertion was used before",
        "The assertion carries a jti, and one with that jti was used already. Such an assertion is good once.",
        (
            Cause(
                "A retry sent the same assertion again, perhaps after a time-out that came although the first "
                "request had worked.",
                "Make a new assertion, with a new jti, for every request.",
            ),
            Cause(
                "Several workers of the program share one assertion.",
                "Let each make its own, or share the access token.",
            ),
        ),
        explains=("assertion-reused",),
    ),
)
