"""What goes wrong with what people may do?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

STANDING: tuple[Article, ...] = (
    Article(
        "no-account",
        "You are in no account",
        "You have a user, and are a member of no account in {environment}.",
        (
            Cause(
                "The invitation was not sent, or was for the other environment.",
                "Ask an admin of the account to invite your address.",
            ),
        ),
        explains=("no-account",),
    ),
    Article(
        "no-such-account",
        "You are not in such an account",
        "Either there is no account with this id, or you are not in it. Both are answered alike.",
        (
            Cause(
                "The id is the other environment's.",
                "Take it from Apps and Keys, or from userinfo.",
            ),
            Cause(
                "You were removed.",
                "Ask its admin.",
            ),
        ),
        explains=("no-such-account",),
    ),
    Article(
        "no-such-organization",
        "There is no such organization for you",
        "Either there is none with this id, or you are no admin of it.",
        (
            Cause(
                "You are an admin of an account. That is another role than organization admin.",
                "Ask an organization admin.",
            ),
            Cause(
                "The id is the other environment's.",
                "List your organizations first.",
            ),
        ),
        explains=(
            "no-such-organization",
            "not-an-organization-admin",
        ),
    ),
    Article(
        "no-such-user",
        "There is no such user here",
        "No user with this id or address is in this account.",
        (
            Cause(
                "The id is the other environment's, or the user was closed.",
                "List the users first.",
            ),
        ),
        explains=("no-such-user",),
        signs=("user_does_not_exist_in_system",),
    ),
    Article(
        "not-an-admin",
        "Only an admin may do this",
        "You are in the account, and not with the DS Admin profile. No other profile makes an admin.",
        (
            Cause(
                "You were made a sender, or your rights were taken back.",
                "Ask an admin; Members shows who they are.",
            ),
            Cause(
                "You are an admin in demo, and this is production.",
                "Rights are each environment's own.",
            ),
        ),
        explains=("not-an-admin",),
        signs=("user_not_account_admin",),
    ),
    Article(
        "last-admin",
        "This is the last active admin",
        "An account without an admin cannot be helped by itself, so no member can remove the last one.",
        (
            Cause(
                "A colleague is invited and has not confirmed.",
                "Wait until they have; an invited admin does not count.",
            ),
            Cause(
                "The one who leaves is the only one.",
                "Make two others admins first, one of them not tied to a person.",
            ),
        ),
        explains=("last-admin",),
    ),
    Article(
        "token-lacks-permission",
        "The personal access token may not do this",
        "A token has the permissions that it was made with, and no others.",
        (
            Cause(
                "The program does something new.",
                "Make a token with the permission that the sentence names, and revoke the old one.",
            ),
        ),
        explains=("token-lacks-permission",),
    ),
    Article(
        "session-needed",
        "Only a person may do this",
        "Some deeds are never done by a token, for instance making tokens.",
        (
            Cause(
                "A script calls this address.",
                "Do it in the console.",
            ),
        ),
        explains=("session-needed",),
    ),
    Article(
        "already-set-up",
        "The environment has users already",
        "The set-up page makes the first user, once.",
        (
            Cause(
                "Somebody was faster.",
                "Sign in, or ask an admin to add you. If it was nobody you know, tell the operator at once.",
            ),
        ),
        explains=("already-set-up",),
    ),
    Article(
        "wrong-setup-code",
        "The set-up code is wrong",
        "The code was printed where the server runs, and the newest one counts.",
        (
            Cause(
                "The server was started again and printed another.",
                "Copy the newest.",
            ),
        ),
        explains=("wrong-setup-code",),
    ),
)
