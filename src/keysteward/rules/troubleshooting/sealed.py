"""What goes wrong where credentials are sealed, where they are given out, and with drills?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

SEALED: tuple[Article, ...] = (
    Article(
        "recovery-recipients",
        "To whom the account seals",
        "A secret or private key can be sealed to recovery recipients only in the moment it is made, for nobody here "
        "knows it afterwards. Each recipient is the public key of an age pair.",
        (
            Cause(
                "The account has no recipients yet.",
                "Make a pair with age-keygen where nobody else gets at it, and add the line with age1 (or an SSH "
                "public key) below Custody, Sealed credentials. Then make the secret key or keypair.",
            ),
            Cause(
                "The same public key stands there already.",
                "Nothing needs to be done. Another label needs the old one removed first.",
            ),
            Cause(
                "There are as many as the policy lets be.",
                "Remove one whose private identity nobody holds any more.",
            ),
        ),
        explains=("recipient-exists", "too-many-recipients", "nothing-seals"),
    ),
    Article(
        "release-asked-already",
        "One request at a time",
        "For each sealed credential one request is under way at most, so that everybody speaks of the same one.",
        (
            Cause(
                "A colleague asked for it.",
                "Open Sealed credentials: the request stands there, with who may approve it.",
            ),
            Cause(
                "You asked for it before.",
                "Cancel your request, or wait until it expires, and ask again.",
            ),
        ),
        explains=("release-pending",),
    ),
    Article(
        "release-over",
        "The request is over, or decided",
        "A request ends when its file is downloaded, when whoever asked cancels it or another admin refuses, and by "
        "itself: nobody approved within a day, or nobody downloaded within an hour.",
        (
            Cause(
                "The file was downloaded; that is possible once.",
                "Ask again where the file was lost on its way. All admins are told of every download.",
            ),
            Cause(
                "Its time was up.",
                "Ask again, and tell the second admin before.",
            ),
            Cause(
                "A second admin approved it already.",
                "Whoever asked opens the request and presses Download.",
            ),
        ),
        explains=("release-over", "release-approved"),
    ),
    Article(
        "release-not-approved",
        "A second person has to approve",
        "Nobody is given a sealed credential alone. Who could approve when it was asked may, after a fresh sign-in.",
        (
            Cause(
                "Nobody approved yet.",
                "The request names who may. They were told; call one of them.",
            ),
            Cause(
                "Whoever approved is no admin any more.",
                "Cancel the request and ask again; another admin approves.",
            ),
        ),
        explains=("release-not-approved", "release-signer-gone"),
    ),
    Article(
        "release-step-not-yours",
        "This step of the request is for somebody else",
        "Whoever asked cancels and downloads. Another person approves, who was an admin of the account when it was "
        "asked, or of its organization where the account had no second one. Any other admin may refuse.",
        (
            Cause(
                "You asked for it yourself, perhaps with another user whose mail comes to the same box.",
                "Let a colleague approve.",
            ),
            Cause(
                "You became an admin after it was asked.",
                "Nobody is made an admin in order to approve. Cancel it and ask again, if that is right.",
            ),
            Cause(
                "You are signed in as a service admin.",
                "Sign in as yourself: who is behind a service admin cannot be told.",
            ),
        ),
        explains=("not-your-release", "service-admin-releases"),
    ),
    Article(
        "nobody-approves",
        "There is no second person",
        "A sealed credential is given out by two people. The account has no other admin who is a person, and belongs "
        "to no organization whose admin could approve.",
        (
            Cause(
                "You are the only admin.",
                "Give somebody else the DS Admin profile, or link the account to an organization, and ask then.",
            ),
            Cause(
                "The other admin is a service admin, or a second user of your own.",
                "Neither counts: make somebody else an admin.",
            ),
        ),
        explains=("nobody-approves",),
    ),
    Article(
        "drills",
        "The drill is over, or not yours",
        "A drill names two people. Each records once how it went; with the second word it is over, and a repeated one "
        "is planned anew.",
        (
            Cause(
                "You recorded your result already, or both have.",
                "What is found later is noted in the next drill; an admin plans one at any time.",
            ),
            Cause(
                "It was cancelled.",
                "Plan another one under Custody, Drills.",
            ),
            Cause(
                "It names two others.",
                "They record the result. Where they cannot any more, an admin cancels it and plans it with others.",
            ),
        ),
        explains=("drill-over", "drill-recorded", "not-your-drill"),
    ),
)
