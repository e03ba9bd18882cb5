"""What goes wrong when a person decides, when evidence is to be proved, and with packs of rules?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

APPROVALS: tuple[Article, ...] = (
    Article(
        "pending-approval",
        "An operator looks at the review",
        "The automated checks passed. This integration type also asks for a person, who approves or declines before "
        "the key may go live.",
        (
            Cause(
                "Nobody has looked yet.",
                "Wait; the admins of the account are written to when something is asked or decided.",
            ),
            Cause(
                "A question waits for your answer.",
                "Open the review results page and answer it there; the clock of the review runs on.",
            ),
            Cause(
                "The type was chosen by mistake.",
                "It is fixed for this key. Create another app with the type that fits, and take that one through the "
                "review.",
            ),
        ),
        explains=("pending-approval",),
    ),
    Article(
        "review-declined",
        "An operator declined the review",
        "The calls were good, and the person who looked said no. The reason stands on the review results page.",
        (
            Cause(
                "What the app does is not what its integration type says.",
                "Create an app of the type that fits.",
            ),
            Cause(
                "Something was missing: an answer, a name that users recognize, a privacy policy.",
                "Mend what the reason names, make {calls_needed} good calls and start a review again.",
            ),
        ),
        explains=("review-declined",),
    ),
    Article(
        "integration-type-fixed",
        "The integration type cannot change any more",
        "Who uses the app decides which reviews it needs, so the type is fixed when the first review begins.",
        (
            Cause(
                "The app turned into a product for others, or was one from the beginning.",
                "Create another app in demo, and choose its type before you start a review. The old key keeps "
                "working as what it is.",
            ),
        ),
        explains=("integration-type-fixed",),
    ),
    Article(
        "nothing-asked",
        "No question waits for an answer",
        "An answer belongs to a question of an operator, and none is open.",
        (
            Cause(
                "A colleague has answered already, or the review was decided meanwhile.",
                "Look at the thread on the review results page.",
            ),
        ),
        explains=("nothing-asked",),
    ),
    Article(
        "review-already-decided",
        "The review does not wait for this person",
        "An operator's decision is made once. This review was decided, or never waited for one.",
        (
            Cause(
                "Two operators had the queue open.",
                "Load the queue again; the thread says who decided, when and why.",
            ),
            Cause(
                "The review expired, or the key started another.",
                "Settle the newest one.",
            ),
        ),
        explains=(
            "not-pending",
            "review-decided",
        ),
    ),
    Article(
        "own-review",
        "You have a hand in this review",
        "Nobody approves a key of their own: an account of yours manages it, or you started its review.",
        (
            Cause(
                "You are an operator and an admin of the account.",
                "Leave it to another operator. If there is no other, name one on the host: keysteward operator add.",
            ),
        ),
        explains=("own-review",),
    ),
    Article(
        "policy-proposal-not-approved",
        "A change of the policy was not approved",
        "A change that loosens what guards keys waits until a second operator has looked at it.",
        (
            Cause(
                "You proposed it yourself.",
                "Ask another operator. If there is no other, name one on the host: keysteward operator add.",
            ),
            Cause(
                "The policy changed meanwhile, or the proposal waited for too long.",
                "Open Policy, look at the numbers in force, and propose the change anew.",
            ),
            Cause(
                "Whoever proposed it is no operator any more.",
                "Decline it, and propose the change yourself.",
            ),
        ),
        explains=("own-proposal", "proposal-over", "proposer-gone"),
    ),
    Article(
        "not-an-operator",
        "Only an operator does this",
        "Operators are named on the host of an environment. Being an admin, of an account or of an organization, is "
        "something else.",
        (
            Cause(
                "You were never named, or in the other environment only.",
                "Whoever runs {environment} runs keysteward operator add with your address.",
            ),
        ),
        explains=("not-an-operator",),
    ),
    Article(
        "review-not-settled",
        "The review has no verdict yet",
        "A bundle proves a verdict, and this review has none so far.",
        (
            Cause(
                "It was started a moment ago.",
                "Ask again in some seconds.",
            ),
            Cause(
                "It waits for a person.",
                "See the review results page: the automated part is settled, the decision is not.",
            ),
        ),
        explains=("review-not-settled",),
    ),
    Article(
        "evidence-gone",
        "The calls of the review are not on record any more",
        "A review can be proved as long as the calls that it judged are there as they were. They were forgotten, as "
        "the policy says, or are not the same any more.",
        (
            Cause(
                "The review failed long ago. Calls behind a failed review may be forgotten.",
                "Start a review again, and download its bundle when it is settled.",
            ),
            Cause(
                "Operators: rows were removed or a backup was restored.",
                "Look into the audit log, and compare with the bundles that were kept.",
            ),
        ),
        explains=("evidence-gone",),
    ),
    Article(
        "keypair-of-demo",
        "This public key was demo's",
        "Demo knew this key when the app went live, so its private half has been on developers' machines. Production "
        "refuses it.",
        (
            Cause(
                "Demo's keypair was uploaded in production, to save time.",
                "Generate one on the app's page in production, give the program its private half, and keep it there "
                "only.",
            ),
        ),
        explains=("keypair-of-demo",),
    ),
    Article(
        "pack-not-good",
        "A pack of rules cannot be used",
        "A pack is a file with rules, and with examples that must come out as it says. It is taken whole or not at "
        "all.",
        (
            Cause(
                "A field is missing, unknown, or out of its range; the sentence names it.",
                "Compare with docs/reference/rule-packs.schema.json.",
            ),
            Cause(
                "An example expects another finding than its calls lead to.",
                "Correct the rule, or what the example expects; an example is there to notice just that.",
            ),
            Cause(
                "It names a check in Python whose distribution or version is not installed on this host.",
                "Install it into the environment of Python that serves, or name the version that is there.",
            ),
        ),
        explains=(
            "bad-pack",
            "example-fails",
            "check-not-installed",
        ),
    ),
    Article(
        "pack-in-the-way",
        "A pack cannot be put into force like this",
        "What is in force already stands in the way. Versions of a pack never change, for verdicts name them.",
        (
            Cause(
                "The file was changed, and its version was not.",
                "Give it the next version.",
            ),
            Cause(
                "This version is in force.",
                "Nothing needs to be done.",
            ),
            Cause(
                "As many packs are in force as there may be.",
                "Remove one that no API needs any more.",
            ),
        ),
        explains=(
            "pack-version-taken",
            "pack-in-force",
            "too-many-packs",
        ),
    ),
)
