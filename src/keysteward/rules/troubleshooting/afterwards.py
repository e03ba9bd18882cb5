"""What goes wrong after a key went live, when a program moves from demo to production?"""

from keysteward.rules.troubleshooting.articles import Article, Cause
from keysteward.rules.troubleshooting.facts import no_grant, no_keypair, no_redirect_uri, no_secret

AFTER: tuple[Article, ...] = (
    Article(
        "after-consent",
        "After Go-Live: consent_required in production",
        "Consent belongs to one environment. Everything that users allowed in demo has to be allowed once more in "
        "production, by the production users.",
        (
            Cause(
                "Nobody has consented in production yet.",
                "Send the impersonated user once to the consent address of production, with the production redirect "
                "URI.",
                "{consent_url}",
            ),
            Cause(
                "There are many users, and each new one fails at first.",
                "Let an organization admin authorize the app for all users of the claimed domains; then nobody is "
                "asked.",
            ),
            Cause(
                "The consent was given by your own user, and sub names a service user.",
                "Consent while signed in as the user whom sub names.",
            ),
        ),
        signs=("consent_required",),
    ),
    Article(
        "after-issuer",
        "After Go-Live: issuer_not_found in production",
        "Production does not know the key that iss names, or aud still names demo.",
        (
            Cause(
                "The review passed, and nobody pressed Go Live, or the choice of an account was not finished.",
                "The demo page must say Live. If it says Review Passed, press Go Live.",
            ),
            Cause(
                "aud is demo's host while the request goes to production.",
                "Set both to {host}.",
            ),
            Cause(
                "The key was promoted into another environment than you call: a twin on a laptop is not the real one.",
                "Ask the account server's discovery document for its issuer.",
                "{origin}/.well-known/openid-configuration",
            ),
        ),
        signs=("issuer_not_found",),
    ),
    Article(
        "after-keypair",
        "After Go-Live: the keypair does not exist in production",
        "Keypairs do not come along. Demo's private key signs nothing that production believes.",
        (
            Cause(
                "No keypair was created in production.",
                "Open the app in production, choose Service Integration, generate a keypair there and give the "
                "program its private half.",
                when=no_keypair,
            ),
            Cause(
                "The public half of demo's keypair was uploaded in production.",
                "Production refuses it (keypair-of-demo), for its private half has been on developers' machines. "
                "Make another one.",
            ),
            Cause(
                "The program was deployed with demo's private key file.",
                "Let each environment's settings name its own file. keysteward doctor compares the file with the "
                "server.",
            ),
        ),
        signs=("no_valid_keys_or_signatures",),
    ),
    Article(
        "after-secret",
        "After Go-Live: the secret key is demo's",
        "Secret keys do not come along either. Demo's is answered with invalid_client here, and with invalid_grant, "
        "unauthorized_client by Docusign.",
        (
            Cause(
                "No secret key was made in production.",
                "Add one on the app's page in production and copy it while it is shown.",
                when=no_secret,
            ),
            Cause(
                "The deployment still holds demo's.",
                "Replace it; keep it in the deployment's secret store under a name that says its environment.",
            ),
        ),
        signs=(
            "invalid_client",
            "unauthorized_client",
        ),
    ),
    Article(
        "after-redirect-uri",
        "After Go-Live: the redirect URI is not registered in production",
        "Users see an error page instead of the consent page, for redirect URIs stay behind in demo.",
        (
            Cause(
                "None was added in production.",
                "Add the production app's address under Redirect URIs and CORS of the app; the settings sheet "
                "of After Go-Live offers demo's line by line.",
                when=no_redirect_uri,
            ),
            Cause(
                "localhost was registered in demo and stands in the production settings still.",
                "Register the address under which users reach the app.",
            ),
        ),
        signs=("redirect uri is not registered",),
    ),
    Article(
        "after-base-uri",
        "After Go-Live: the wrong base URI",
        "Calls answer 404 or 401 although the token is good, for they go to demo's API, to another site, or lack "
        "/restapi.",
        (
            Cause(
                "The base URI is written into the program.",
                "Ask userinfo once for each user and use base_uri of the account you call; then add /restapi/v2.1.",
                "GET {origin}/oauth/userinfo",
            ),
            Cause(
                "/restapi is missing, or stands twice.",
                "base_uri is scheme and host only.",
            ),
            Cause(
                "The account's site is not the one you guessed. In the real world accounts live on several sites.",
                "Never build the address from the name of an environment.",
            ),
        ),
        signs=(
            "account_id",
            "resource_not_found",
        ),
    ),
    Article(
        "after-account-server",
        "After Go-Live: the wrong account server",
        "Tokens are asked of demo's account server, or the SDK chose one by itself.",
        (
            Cause(
                "The SDK derives the account server from the API's address: one that does not look like demo becomes "
                "production, and the reverse.",
                "Set it explicitly: set_oauth_host_name in Python, setOAuthBasePath in Node, after the base path was "
                "set.",
                "{host}",
            ),
            Cause(
                "A test, a cron job or a second service kept the old settings.",
                "Look at demo's usage page: a key that is live and still calls demo shows up there.",
            ),
        ),
    ),
    Article(
        "after-user-id",
        "After Go-Live: the user's GUID is another one",
        "One person is two users: one in demo, one in production, with different ids. sub must hold the production "
        "one.",
        (
            Cause(
                "sub holds the demo user id.",
                "Sign in to production, and copy the User ID under Apps and Keys, or take sub from userinfo.",
            ),
            Cause(
                "The service user was never created in production.",
                "Let an admin add it, and let it consent.",
            ),
            Cause(
                "The account id was copied, which stands beside it.",
                "Take the User ID.",
            ),
        ),
        signs=("user_not_found",),
    ),
    Article(
        "after-grants",
        "After Go-Live: unauthorized_client, for no grant is chosen",
        "A key arrives in production with its GUID, name and contact, and with nothing else: no grants either.",
        (
            Cause(
                "Nobody has opened the app in production since.",
                "Choose its grants under Authentication; After Go-Live lists what is missing.",
                when=no_grant,
            ),
            Cause(
                "The JWT grant was chosen, and the web app uses codes.",
                "Tick what the app uses, and no more.",
            ),
        ),
    ),
    Article(
        "calls-do-not-show-up",
        "My calls do not show up on the Go-Live page",
        "Calls are there as soon as they are answered when they pass the gateway. Where a proxy asks in check mode, "
        "they come with the log line that follows.",
        (
            Cause(
                "They were made with another key, in production, or by a legacy header.",
                "Look at X-GoLive-Ready on the answers: it says how many count, for the key that called.",
            ),
            Cause(
                "They are there, in grey: calls that do not count.",
                "The reason stands beside each.",
            ),
            Cause(
                "A proxy in check mode brings outcomes from its log, seconds to minutes later; a decision without an "
                "outcome counts as nothing after ten minutes.",
                "Ask whoever runs the gateway whether keysteward ingest follows the log.",
            ),
            Cause(
                "You look at Docusign's own console, where it may take minutes.",
                "Wait 20 minutes; then look again, with the time zone in mind.",
            ),
        ),
    ),
    Article(
        "mixed-environments",
        "Demo and production are mixed up",
        "Key, secret key, private key, account server, base URI, account id, user id and redirect URI come in sets "
        "of eight. One that is of the other environment makes errors that point elsewhere.",
        (
            Cause(
                "Single variables were changed by hand while going live.",
                "Keep two complete sets, chosen by one switch, and let keysteward doctor check each: it stops at the "
                "first that does not fit.",
                "keysteward doctor --env-file dev.env --environment {environment}",
            ),
            Cause(
                "A token or base URI of one environment is cached and used in the other.",
                "Make the account server's host a part of the cache's key.",
            ),
            Cause(
                "The key is one GUID in both, so it proves nothing.",
                "Look at issuer and host instead.",
            ),
        ),
    ),
    Article(
        "settings-are-empty",
        "After Go-Live: the app in production is empty",
        "That is how it should be: a key takes its GUID, name and contact along, and what guards it is made anew.",
        (
            Cause(
                "Somebody expected demo's settings there.",
                "Open After Go-Live: it lists what is missing, and offers redirect URIs, links and origins of demo's "
                "settings sheet for confirmation.",
            ),
            Cause(
                "You look at another account than the key was promoted to.",
                "Demo's page says which account it went to; only its admins see the app.",
            ),
        ),
    ),
    Article(
        "no-accounts",
        "After Go-Live: userinfo or login lists no account",
        "The token is good and the user has no open account in production.",
        (
            Cause(
                "The person signed in to production has a user there, without a membership that is active.",
                "Let an admin of the account invite them, and open the invitation.",
            ),
            Cause(
                "login_information is asked of another site.",
                "Use userinfo and its base_uri.",
            ),
        ),
    ),
    Article(
        "key-in-another-account",
        "I cannot see the key",
        "A key is managed by one account. Being an admin of another, even of the same company, does not show it.",
        (
            Cause(
                "It was created in a colleague's developer account, or promoted into another production account.",
                "Ask whoever wrote the program; the receipt mail and demo's page name the account.",
            ),
            Cause(
                "You are a sender there, and Apps and Keys is for admins.",
                "Ask an admin of that account.",
            ),
            Cause(
                "You are in the other environment.",
                "The frame of the page says which it is; the other is at {other_origin}.",
            ),
        ),
    ),
    Article(
        "customers-asked-for-keys",
        "My customer is asked to make an integration key",
        "Who owns an application owns its key. One key serves all customers of a product; they consent and need no "
        "key.",
        (
            Cause(
                "A product asks each customer for a key.",
                "Its vendor registers one key and goes live with it; customers allow the app on the consent page.",
            ),
            Cause(
                "The customer really controls everything: a program of their own, or a consultant's work for them.",
                "Then it is their key, in their account.",
            ),
        ),
    ),
    Article(
        "signed-in-every-time",
        "Users have to sign in every time",
        "An access token ends after hours. Asking the user again is not the only way.",
        (
            Cause(
                "The refresh token is not stored, for the SDK does nothing with it.",
                "Store it with each answer, and refresh before expires_in is over. Add the scope extended, so that "
                "the 30 days begin anew each time.",
            ),
            Cause(
                "Nobody is there to sign in: a nightly job.",
                "Use the JWT grant with a user who consented once.",
            ),
        ),
    ),
    Article(
        "same-address-twice",
        "I consented, and it still says consent_required",
        "One e-mail address can belong to several users, with several passwords. Consent belongs to one of them.",
        (
            Cause(
                "The browser was signed in as the other one.",
                "Ask userinfo with a token of the sign-in: its sub must equal sub of the assertion.",
            ),
            Cause(
                "Consent was given to fewer scopes, or without impersonation.",
                "Consent once more with all of them.",
                "{consent_url}",
            ),
        ),
    ),
    Article(
        "demo-with-a-live-key",
        "Is demo billed or binding once the key is live?",
        "A promoted key is two records with one GUID. Demo stays demo: watermarked, not binding, not counted.",
        (
            Cause(
                "Tests go on in demo with the key that is live.",
                "They may. Its review, limits and logs there are demo's own.",
            ),
        ),
    ),
    Article(
        "one-key-in-many-programs",
        "Several programs share one key",
        "A review judges all calls of a key. One program's errors and polls fail the other's review, and nobody can "
        "tell who called.",
        (
            Cause(
                "A second program was given the first one's key to save time.",
                "Create one for each: keys cost nothing.",
            ),
            Cause(
                "Test runs of many people use one key.",
                "Let each test run have an app of its own in a twin.",
            ),
        ),
    ),
)
