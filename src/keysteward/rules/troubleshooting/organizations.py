"""What goes wrong around organizations, their accounts, admins and domains?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

ORGANIZATIONS: tuple[Article, ...] = (
    Article(
        "domain-not-active",
        "The domain is not active",
        "What was asked rests on a claimed domain, and DNS does not show its proof at this moment.",
        (
            Cause(
                "The record was taken away, or never published.",
                "Open the organization in the console, publish the record that stands there, and press Check now.",
            ),
            Cause(
                "The record is new, and resolvers still remember that there was none.",
                "Wait as long as the zone's negative TTL says, mostly an hour, and check again.",
            ),
            Cause(
                "The resolver gave no answer. Nothing lapses at once for that, but nobody acts on it either.",
                "Wait a few minutes. If it stays, let whoever runs this server look at its resolver: "
                "KEYSTEWARD_DNS_SERVERS names another.",
            ),
        ),
        explains=("domain-not-active",),
        signs=("servfail", "nxdomain", "txt record", "cname"),
    ),
    Article(
        "domain-taken",
        "The domain is another organization's",
        "A domain has one holder at a time. A name below an active domain belongs to the same holder.",
        (
            Cause(
                "Another organization of your company claimed it.",
                "Ask its admins to give it up, or to claim the name below it for you.",
            ),
            Cause(
                "The domain changed hands, and the record of its former owner is still in DNS.",
                "Take that record out of DNS. Within a day its claim lapses; then claim the domain.",
            ),
        ),
        explains=("domain-taken", "domain-claimed", "too-many-domains"),
    ),
    Article(
        "account-linked",
        "The account belongs to an organization, or waits for an answer",
        "An account belongs to one organization at a time, and joins or leaves by two words: one side asks, an admin "
        "of the other agrees.",
        (
            Cause(
                "It was linked before.",
                "Its admins see to which one, under Organization; either side asks to unlink it first.",
            ),
            Cause(
                "The other side has not answered yet.",
                "Remind its admins: the request stands on their page, and they had a mail.",
            ),
            Cause(
                "It was asked, and the request withdrawn, several times within an hour; each was a mail to its admins.",
                "Wait an hour. An operator sets how often is too often: links_per_hour of the policy.",
            ),
        ),
        explains=("account-linked", "already-asked", "asked-too-often"),
    ),
    Article(
        "last-organization-admin",
        "The last admin stays",
        "An organization without an active admin could help nobody, so its admins cannot take the last one away.",
        (
            Cause(
                "You want to leave.",
                "Make somebody else of the organization's accounts an admin first; they remove you then.",
            ),
            Cause(
                "Everybody else who stands in the list is closed.",
                "Whoever runs this server can add an admin: keysteward organizations add-admin.",
            ),
        ),
        explains=("last-organization-admin", "already-an-admin"),
    ),
)
