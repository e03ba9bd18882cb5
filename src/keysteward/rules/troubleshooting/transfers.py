"""What goes wrong while a key moves from one account to another?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

TRANSFERS: tuple[Article, ...] = (
    Article(
        "transfers-are-in-production",
        "Keys are transferred in production",
        "A transfer moves a live key from one production account to another. In demo an app stays in the account that "
        "made it, and nothing ever moves between demo and production.",
        (
            Cause(
                "The request went to demo.",
                "Open the key in production, in the account that manages it there, and press Transfer this key.",
            ),
            Cause(
                "The key is not live yet.",
                "Choose the account when you go live: the person who presses Go Live may name its GUID.",
            ),
        ),
        explains=("transfers-are-in-production",),
    ),
    Article(
        "transfer-pending",
        "One transfer at a time",
        "A key has one transfer under way at most, so that nobody signs for two destinations.",
        (
            Cause(
                "A colleague started one.",
                "Open Transfers; it stands there with its destination and what comes next.",
            ),
            Cause(
                "It names the wrong account.",
                "Cancel it, which either side may, and start another.",
            ),
            Cause(
                "It was offered and called off several times within an hour; each was a mail to people elsewhere.",
                "Wait an hour. An operator sets how often is too often: links_per_hour of the policy.",
            ),
        ),
        explains=("transfer-pending", "offered-too-often"),
    ),
    Article(
        "transfer-over",
        "The transfer has ended",
        "It moved the key, was cancelled or vetoed, or its time was up. What was confirmed in it counts for no other.",
        (
            Cause(
                "Nobody confirmed in time.",
                "Start another; people on both sides are written to, and reminded before it expires.",
            ),
            Cause(
                "The other side cancelled, or an admin of the source vetoed.",
                "The page of the transfer says who and why. Talk to them before you start another.",
            ),
        ),
        explains=("transfer-over",),
    ),
    Article(
        "transfer-not-accepted",
        "The destination looks first",
        "Until an admin of the destination accepts, they see the key's name and GUID and nothing of what hangs on it; "
        "so they cannot confirm that they take it.",
        (
            Cause(
                "Confirmed before accepting.",
                "Open the transfer as an admin of the destination, press Accept, read what moves, then confirm.",
            ),
        ),
        explains=("transfer-not-accepted",),
    ),
    Article(
        "transfer-not-ready",
        "Something is still missing before the key moves",
        "A key moves when both sides have confirmed, when the second organization admin has approved where there is "
        "one, and when the waiting period of a stand-in is over.",
        (
            Cause(
                "One side has not confirmed.",
                "The page of the transfer says which one; its admins were written to.",
            ),
            Cause(
                "The organization stands in, and the wait is not over.",
                "Wait; the key then moves by itself. Until that moment an admin of the source may veto.",
            ),
        ),
        explains=("transfer-not-ready",),
    ),
    Article(
        "transfer-step-not-yours",
        "This step is taken already, or by somebody else",
        "Each step has its people: the source starts, the destination accepts, each side confirms for itself, and a "
        "second organization admin approves.",
        (
            Cause(
                "A colleague was faster.",
                "Load the page again; it says who took the step and when.",
            ),
            Cause(
                "You are admin of the other side only.",
                "Leave it to the side that is named. Whoever is admin of both may sign both.",
            ),
            Cause(
                "You stand in for the source.",
                "Somebody else confirms for the destination, and another organization admin approves.",
            ),
        ),
        explains=("step-taken", "not-your-step"),
    ),
    Article(
        "signer-gone",
        "Who confirmed may not confirm any more",
        "At the moment the key moves it is asked again whether both who signed still may. Somebody lost their role in "
        "between, so their word does not count.",
        (
            Cause(
                "They left, or were made something else than admin.",
                "Let another admin of the same side confirm; the key then moves.",
            ),
            Cause(
                "The organization admin who stood in is none any more.",
                "Cancel the transfer; another organization admin starts anew.",
            ),
        ),
        explains=("signer-gone",),
    ),
    Article(
        "admin-removed-lately",
        "The organization lost an admin a moment ago",
        "A second organization admin approves a stand-in. So that nobody removes the others first and then acts alone, "
        "an organization stands in for nobody for a while after one of its admins was removed, or was reported as a "
        "leaver by another or by its identity provider. All of them were told.",
        (
            Cause(
                "Somebody left, and their key is wanted now.",
                "Wait as long as the refusal says, then ask again. Its keys go on working meanwhile.",
            ),
            Cause(
                "You did not know of it.",
                "Ask whoever runs this server to name the other again: keysteward organizations add-admin.",
            ),
        ),
        explains=("admin-removed-lately",),
    ),
    Article(
        "requester-outside",
        "The organization has no claim on this key",
        "An organization stands in only for keys whose Go-Live review was asked for by one of its own people: the "
        "requester's address must lie in exactly one of its claimed domains.",
        (
            Cause(
                "The domain of the requester is not claimed.",
                "Claim it, let DNS show the proof, and try again. A domain above or below it does not do.",
            ),
            Cause(
                "A consultant or somebody from another company asked for the review.",
                "Only an admin of the account can transfer the key; otherwise create a replacement key.",
            ),
        ),
        explains=("requester-outside",),
    ),
    Article(
        "source-not-open",
        "The account that manages the key is not open",
        "An admin transfers keys of an open account. A suspended account keeps its keys until its operator opens it.",
        (
            Cause(
                "The account was closed.",
                "Whoever was its admin when it closed may start the transfer for a while; afterwards an organization "
                "admin stands in, if the account belonged to an organization.",
            ),
            Cause(
                "The account is suspended.",
                "Ask the operator of the environment why.",
            ),
        ),
        explains=("source-not-open",),
    ),
)
