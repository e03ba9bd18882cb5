"""What goes wrong when people sign in, and prove that it is them?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

PEOPLE: tuple[Article, ...] = (
    Article(
        "not-signed-in",
        "You are not signed in",
        "There is no session, or no personal access token that is good.",
        (
            Cause(
                "The session ended: after its hours, or because the password was changed.",
                "Sign in again.",
            ),
            Cause(
                "A program sends an access token of an integration key. Our own API takes personal access tokens only.",
                "Make one under Security, Personal access tokens, with the permissions it needs; it begins with kst_.",
            ),
            Cause(
                "The personal access token expired or was revoked.",
                "Make another one; it lives 90 days at most.",
            ),
        ),
        explains=("not-signed-in",),
    ),
    Article(
        "no-dev-token",
        "The twin's control needs its token",
        "/_dev moves the clock and changes the data of a twin, so it is for who can read the twin's folder.",
        (
            Cause(
                "No token was sent, or that of another twin.",
                "Send the content of dev.token in the twin's folder.",
                "Authorization: Bearer $(cat .keysteward/dev.token)",
            ),
        ),
        explains=("no-dev-token",),
    ),
    Article(
        "wrong-credentials",
        "Address and password do not match",
        "One of the two is wrong. Which one is not said, nor whether the address is known.",
        (
            Cause(
                "The password is the other environment's: each has its own.",
                "Try at {other_origin}, or ask for a new password on the sign-in page.",
            ),
            Cause(
                "The organization signs in through its identity provider.",
                "Choose the sign-in of your organization.",
            ),
            Cause(
                "It is a twin.",
                "Its panel names everybody and the password they share.",
            ),
        ),
        explains=("wrong-credentials",),
    ),
    Article(
        "too-many-attempts",
        "Too many attempts failed",
        "Sign-ins to this address are not even looked at for 15 minutes, wherever they come from but a device that "
        "is known.",
        (
            Cause(
                "A password manager or a script repeats an old password.",
                "Correct it there first, or it begins again.",
            ),
            Cause(
                "Somebody tries passwords.",
                "Wait, sign in, and add a second factor under Security.",
            ),
        ),
        explains=("too-many-attempts",),
    ),
    Article(
        "wrong-code",
        "The code is not good",
        "The six digits of an authenticator app fit for a moment, once. A recovery code works once too.",
        (
            Cause(
                "The phone's clock is wrong.",
                "Let it set its time by the network.",
            ),
            Cause(
                "The same code was used a moment ago.",
                "Wait for the next one.",
            ),
            Cause(
                "It is the code of another account or environment: both stand in the app.",
                "Look at the name above the code.",
            ),
        ),
        explains=("wrong-code",),
    ),
    Article(
        "passkey-not-good",
        "The passkey could not be checked",
        "The browser's answer does not fit what was asked.",
        (
            Cause(
                "The passkey was made for the other environment or another host name.",
                "Use the one of {host}, or another way to prove it is you.",
            ),
            Cause(
                "The page was open for more than some minutes.",
                "Try again.",
            ),
        ),
        explains=("passkey-not-good",),
    ),
    Article(
        "sign-in-over",
        "The sign-in took too long",
        "A sign-in with a second step is open for 10 minutes and 5 codes.",
        (
            Cause(
                "The page was left open, or too many codes were wrong.",
                "Begin again with address and password.",
            ),
        ),
        explains=("sign-in-over",),
    ),
    Article(
        "fresh-sign-in-needed",
        "This needs a fresh sign-in",
        "What guards a key is changed only shortly after you proved that it is you, so that an open laptop is no "
        "open door.",
        (
            Cause(
                "More than 10 minutes have gone by since you signed in or confirmed.",
                "Confirm under Security, then press the button again.",
            ),
        ),
        explains=("fresh-sign-in-needed",),
    ),
    Article(
        "second-factor-needed",
        "Admins need a second factor",
        "The policy of {environment} asks it of everybody who can change keys.",
        (
            Cause(
                "You became an admin, or the policy was changed.",
                "Add an authenticator app or a passkey under Security; everything else opens then.",
            ),
        ),
        explains=("second-factor-needed",),
    ),
    Article(
        "second-factor-in-the-way",
        "A second factor cannot be set up like this",
        "What you have already, or have not yet, stands in the way of this step.",
        (
            Cause(
                "An authenticator app is set up already, or there are as many passkeys as anybody may have.",
                "Remove one under Security first.",
            ),
            Cause(
                "Recovery codes were asked for without a second factor.",
                "Add an authenticator app or a passkey first.",
            ),
            Cause(
                "The code to scan was shown too long ago.",
                "Begin again; delete the entry that the app has made.",
            ),
        ),
        explains=(
            "factor-exists",
            "too-many-passkeys",
            "no-second-factor-yet",
            "setup-over",
        ),
    ),
    Article(
        "link-not-good",
        "The link does not work any more",
        "A link from a mail works once, for a short time, and the newest replaces those before.",
        (
            Cause(
                "It was opened before, perhaps by a mail filter or a preview.",
                "Ask for another one, and open it by hand.",
            ),
            Cause(
                "Several were asked for.",
                "Open the newest mail.",
            ),
        ),
        explains=("link-not-good",),
    ),
    Article(
        "too-many-links",
        "Several links were asked for",
        "A few mails an hour are sent to one address, and no more.",
        (
            Cause(
                "The mail is late, or in the spam folder.",
                "Look there, and wait an hour before you ask again.",
            ),
            Cause(
                "Operators: mail does not leave.",
                "See docs/guides/mail.md.",
            ),
        ),
        explains=("too-many-links",),
    ),
    Article(
        "no-mail-server",
        "This environment sends no mail",
        "Mail leaves by the one server that whoever runs the environment names, and none is named here.",
        (
            Cause(
                "KEYSTEWARD_SMTP is not set.",
                "Name the server and the address that mail comes from: docs/guides/mail.md. Then start the environment "
                "anew.",
            ),
        ),
        explains=("no-mail-server",),
    ),
    Article(
        "too-many-exports",
        "Your data was downloaded several times",
        "The file says all that is held on you, and takes some work to make.",
        (
            Cause(
                "You downloaded it five times within an hour.",
                "Use the newest file, or wait an hour.",
            ),
        ),
        explains=("too-many-exports",),
    ),
    Article(
        "not-your-link",
        "The link was sent for another user",
        "It belongs to the user who asked for it.",
        (
            Cause(
                "The browser is signed in as somebody else.",
                "Sign out, sign in as that user, and open the link again.",
            ),
        ),
        explains=("not-your-link",),
    ),
    Article(
        "address-taken",
        "The address belongs to somebody else",
        "An e-mail address stands for one user in each environment.",
        (
            Cause(
                "Somebody else was given it meanwhile, or a former user still has it.",
                "Use another address, or ask an admin of an account of theirs to look under Members.",
            ),
            Cause(
                "A user with this address exists in another account.",
                "Invite that user instead of making a new one.",
            ),
        ),
        explains=(
            "address-taken",
            "email-taken",
        ),
    ),
    Article(
        "identity-provider-trouble",
        "The identity provider is in trouble",
        "The sign-in of an organization goes through its own identity provider. It did not answer, its set-up does "
        "not fit, its answer is not good, or it said no.",
        (
            Cause(
                "It is down, or not reachable from here.",
                "Try again; use your password meanwhile if you have one.",
            ),
            Cause(
                "Its issuer, client id or secret was changed on one side.",
                "Organization admins: compare both under Identity provider; the sentence names what did not fit.",
            ),
            Cause(
                "You are not assigned to the app over there.",
                "Ask the people who run the provider.",
            ),
        ),
        explains=(
            "provider-silent",
            "provider-not-usable",
            "provider-answer-not-good",
            "provider-said-no",
        ),
    ),
    Article(
        "no-provider",
        "No identity provider for this address",
        "Nobody has set up a provider for the domain of this address.",
        (
            Cause(
                "The address has another domain than the organization's claimed ones.",
                "Sign in with your password, or with your address at work.",
            ),
        ),
        explains=("no-provider",),
    ),
    Article(
        "sign-in-not-begun-here",
        "The sign-in did not begin in this browser",
        "The identity provider's answer came to a browser that did not ask, or asked too long ago.",
        (
            Cause(
                "The sign-in began in another browser or in a private window.",
                "Begin again from the sign-in page, and stay in one window.",
            ),
            Cause(
                "The back button brought an old answer.",
                "Begin again.",
            ),
        ),
        explains=("sign-in-not-begun-here",),
    ),
    Article(
        "identity-not-linked",
        "The provider knows you, and we do not",
        "You signed in over there. No user here can be yours: the reason stands in the sentence.",
        (
            Cause(
                "You are in no account of the organization.",
                "Ask an admin of an account to invite you.",
            ),
            Cause(
                "Your address over there is another one, or its domain is not claimed any more.",
                "Ask an organization admin, who sees links and domains.",
            ),
        ),
        explains=("identity-not-linked",),
    ),
)
