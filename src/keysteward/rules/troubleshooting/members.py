"""What goes wrong when people come into accounts, leave them, and when accounts open and close?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

MEMBERS: tuple[Article, ...] = (
    Article(
        "already-a-member",
        "They are a member already",
        "An account has each user once.",
        (
            Cause(
                "They joined with an earlier invitation, or another admin was faster.",
                "Open their page under Accounts and users, and change their permission profile there.",
            ),
        ),
        explains=("already-a-member",),
    ),
    Article(
        "user-closed",
        "The user was closed",
        "Somebody who was reported to have left has no access anywhere, and no invitation changes that.",
        (
            Cause(
                "Their organization or its identity provider reported them.",
                "An admin of that organization brings them back, and their memberships with them.",
            ),
            Cause(
                "An operator closed the user.",
                "The operator reactivates it.",
                "keysteward operator reactivate-user EMAIL --author NAME",
            ),
        ),
        explains=("user-closed",),
    ),
    Article(
        "has-a-user",
        "There is a user with this address already",
        "Nobody gets a second user with one address: who has one joins further accounts with it.",
        (
            Cause(
                "Somebody created the user since the invitation's page was opened.",
                "Sign in as that user, and open the link of the mail again.",
            ),
        ),
        explains=("has-a-user",),
    ),
    Article(
        "sign-up-closed",
        "Nobody opens an account here by themselves",
        "Accounts of this environment are opened by those who run it. In production it is always so.",
        (
            Cause(
                "Your team has an account already.",
                "Ask one of its admins to invite you, under Accounts and users.",
            ),
            Cause(
                "It has none.",
                "An operator opens one for you; or lets everybody open a demo account, by sign_up of the policy.",
                "keysteward account open NAME --plan PLAN --admin EMAIL --first-name NAME --author NAME",
            ),
        ),
        explains=("sign-up-closed",),
    ),
    Article(
        "too-many-sign-ups",
        "Too many accounts were asked for",
        "All links to open accounts together have a number that is sent within an hour, so that nobody floods others.",
        (
            Cause(
                "Many people came at once, or one program pretends to be many.",
                "Try again in an hour. An operator looks at the event SignUpLinkSent, and at sign_ups_per_hour of the "
                "policy.",
            ),
        ),
        explains=("too-many-sign-ups",),
    ),
    Article(
        "too-many-invitations",
        "Too many invitations wait",
        "An account may have 100 invitations that nobody has accepted.",
        (
            Cause(
                "Old invitations are still good.",
                "Withdraw them under Accounts and users; they expire after 7 days by themselves.",
            ),
        ),
        explains=("too-many-invitations",),
    ),
    Article(
        "too-many-strangers",
        "The account wrote to many people within an hour",
        "Invitations, recovery contacts and offered keys send mails to people outside the account. So that nobody uses "
        "them to send mail, an account has a number of them for each hour.",
        (
            Cause(
                "Many people join at once.",
                "Go on in an hour, or let the organization's identity provider add them (SCIM), which sends no mail. "
                "An operator sets the number: strangers_written_per_hour of the policy.",
            ),
            Cause(
                "Nobody of you did it.",
                "The audit log says who invited and withdrew: close that member, then ask what else they did.",
            ),
        ),
        explains=("too-many-strangers",),
    ),
    Article(
        "profile-in-use",
        "The permission profile is in use",
        "What somebody has cannot be removed: nobody would know any more what they may do.",
        (
            Cause(
                "Members have it, closed ones too, or an invitation promises it.",
                "Give each of them another profile, and withdraw the invitation.",
            ),
        ),
        explains=("profile-in-use",),
    ),
    Article(
        "profile-fixed",
        "The permission profile is the same everywhere",
        "DS Admin, DS Sender, DS Viewer and Developer mean the same in every account.",
        (
            Cause(
                "Something else is wanted of one of them.",
                "Make a permission profile of the account's own, and give it to those members.",
            ),
        ),
        explains=("profile-fixed",),
    ),
    Article(
        "account-state",
        "The account's state does not allow it",
        "An open account can be suspended or closed, a suspended one closed or reopened, a closed one reopened.",
        (
            Cause(
                "Another operator was faster.",
                "Look at the account again: its history says who did what, and why.",
            ),
        ),
        explains=("account-state",),
    ),
    Article(
        "account-has-live-keys",
        "The account manages live keys",
        "Nobody can manage the keys of a closed account, so it stays open until they are somewhere else.",
        (
            Cause(
                "A key is in use.",
                "Transfer it to another account, or replace it; retire it once nobody calls with it.",
            ),
            Cause(
                "The account has to close today all the same.",
                "An operator forces it with a reason. The keys keep working, and each becomes a critical finding.",
                "keysteward account close ACCOUNT --reason REASON --force --author NAME",
            ),
        ),
        explains=("account-has-live-keys",),
    ),
)
