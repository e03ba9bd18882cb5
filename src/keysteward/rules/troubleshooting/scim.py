"""What goes wrong between an organization and its identity provider's directory?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

_PAGE = "the organization's page Directory (SCIM)"

SCIM: tuple[Article, ...] = (
    Article(
        "scim-token",
        "The directory is refused",
        "The identity provider asks with a token that the organization made for it. What it asked lately, and how it "
        f"was answered, stands on {_PAGE}.",
        (
            Cause(
                "The token was revoked, or typed with a part missing. It begins with ksi_.",
                f"Make a new one on {_PAGE} and give it to the provider; revoke the old one once the new one is used.",
            ),
            Cause(
                "The provider sends a personal access token, or one that was issued to an integration key.",
                "Those open other doors. Give it a SCIM token.",
            ),
            Cause(
                "Two tokens are live already.",
                "Revoke the one that was used least lately.",
            ),
            Cause(
                "The provider asks very often, for example because every request of a cycle fails.",
                "Look at the last requests, and mend what they say. It goes on by itself within the hour.",
            ),
        ),
        explains=("not-a-scim-token", "too-many-scim-tokens", "too-many-scim-requests"),
        signs=("secret token", "tenant url"),
    ),
    Article(
        "scim-mapping",
        "The provider sends something that is not kept or not understood",
        "Users have userName, externalId, displayName, name, emails and active. Everything else is passed over; what "
        "is kept must have the right shape.",
        (
            Cause(
                "A filter or a path names an attribute that is not kept.",
                "Match users by userName, externalId or emails.value in the provider's attribute mapping.",
            ),
            Cause(
                "A filter such as co or sw is asked of a very large organization.",
                "Match with eq, which finds one user however many there are.",
            ),
            Cause(
                "The provider wants to take away an address, a name or active.",
                "Let it send a value; nobody is without these.",
            ),
            Cause(
                "Groups or bulk operations are turned on at the provider.",
                "Turn them off: here, permission profiles belong to accounts, and their admins give them.",
            ),
        ),
        explains=(
            "scim-filter-not-good",
            "scim-too-many-users",
            "scim-path-not-good",
            "scim-no-target",
            "scim-attribute-stays",
            "scim-not-offered",
        ),
        signs=("scimtype", "invalidfilter", "invalidpath", "notarget"),
    ),
    Article(
        "scim-user",
        "A user is not created, changed or brought back",
        "A provider speaks for people whose verified address lies in an active claimed domain of its organization.",
        (
            Cause(
                "The address or userName lies in another domain, often that of the provider itself.",
                "Map userName and emails to the address of your own domain, or claim the other domain too.",
            ),
            Cause(
                "The organization has not chosen where new users belong, or that account is closed.",
                f"An organization admin chooses an account and a permission profile on {_PAGE}.",
            ),
            Cause(
                "Somebody here has the address without having proved it, or another user has the userName.",
                "They open the link in their mail first, or the provider sends the other user's own name.",
            ),
            Cause(
                "An operator or an organization admin reported that they left.",
                "Whoever did takes it back; a provider that has not heard of it must not.",
            ),
            Cause(
                "The provider changes the address of somebody who administers something.",
                "They change it themselves, under Security: a new address could be used to choose a new password.",
            ),
        ),
        explains=(
            "outside-claimed-domains",
            "scim-not-set-up",
            "scim-user-taken",
            "closed-by-others",
            "admin-keeps-address",
        ),
    ),
)
