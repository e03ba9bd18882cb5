"""What puts the custody of integration keys at risk?

Read CUSTODY from top to bottom: it is the whole audit, one rule each. A rule that needs to know what an inventory does
not say is not judged, and said to be not judged.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from keysteward.rules.custody import admins, drills, keys_at_risk, owners
from keysteward.rules.custody.findings import (
    ADMIN,
    BEST_PRACTICE,
    FOR_ISVS,
    LOST,
    ORGANIZATION_ADMIN,
    OWNERS,
    SEVERITIES,
    Broken,
    Button,
    Check,
    Finding,
    Rule,
    Severity,
    eased,
    finding_of,
)
from keysteward.rules.custody.inventory import FACTS, Fact, Inventory
from keysteward.rules.policy import Policy

_EITHER = f"{ADMIN}, or an organization admin"
_PEOPLE = Button("Members", "/members")
_APPS = Button("Apps and Keys", "/apps")
_KEY = Button("Open the key", "/apps/{key}")
_WAYS = Button("Ways back", "/custody")
_DRILLS = Button("Drills", "/custody/drills")
_DOMAINS = Button("Organizations", "/organizations")
_NHI = "OWASP Non-Human Identities Top 10"
_LEGACY = "Manage your integration keys: legacy authentication"
_BREAK_GLASS = "Microsoft: manage emergency access accounts"


def _rule(
    code: str, asks: str, source: str, fix: tuple[str, str, Button], needs: tuple[Fact, ...], check: Check
) -> Rule:
    who, step, button = fix
    return Rule(code, asks, source, who, step, button, frozenset(needs), check)


# fmt: off
CUSTODY: tuple[Rule, ...] = (
    _rule("account-closed", "A closed account manages no live key.", LOST,
          (_EITHER, "Transfer each key to an open account, or retire it.", _WAYS), ("keys",),
          keys_at_risk.account_is_closed),
    _rule("no-admin", "Every account with keys has an active admin.", LOST,
          (ORGANIZATION_ADMIN, "Take the way back that is open, or make an admin.", _WAYS), ("people",),
          admins.nobody_can_manage),
    _rule("only-admin-is-a-person", "No single person holds an account's keys.", BEST_PRACTICE,
          (ADMIN, "Give a second person the DS Admin profile.", _PEOPLE), ("people",),
          admins.only_admin_is_a_person),
    _rule("too-few-admins", "Every account with keys has at least two admins.", BEST_PRACTICE,
          (ADMIN, "Give a second person the DS Admin profile.", _PEOPLE), ("people",),
          admins.too_few_admins),
    _rule("no-service-admin", "One admin is not tied to a person.", BEST_PRACTICE,
          (ADMIN, "Add a service admin, and keep its credentials where two people can get them.", _PEOPLE),
          ("people", "service admins"), admins.no_service_admin),
    _rule("service-admin-signed-in", "A service admin signs in for drills only.", _BREAK_GLASS,
          (ADMIN, "Find out who it was; if nobody knows, end its sessions and change its credentials.", _PEOPLE),
          ("people", "service admins", "sign-ins", "drills"), admins.service_admin_signed_in),
    _rule("service-admin-without-drill", "A service admin is tried every 90 days.", _BREAK_GLASS,
          (ADMIN, "Hold a drill: two people sign in as the service admin and note the result.", _DRILLS),
          ("people", "service admins", "drills"), admins.service_admin_without_a_drill),
    _rule("drill-overdue", "Drills are held on their day.", _BREAK_GLASS,
          (ADMIN, "Hold it and record how it went, or plan it with other people.", _DRILLS), ("planned drills",),
          drills.drill_is_overdue),
    _rule("drill-failed", "What was tried in a drill works.", _BREAK_GLASS,
          (ADMIN, "Mend what failed, then hold the drill again.", _DRILLS), ("planned drills",), drills.drill_failed),
    _rule("shared-second-factor", "A service admin has a second factor of its own.", _BREAK_GLASS,
          (ADMIN, "Give the service admin a second factor that belongs to nobody.", Button("Security", "/security")),
          ("people", "service admins", "second factors"), admins.shared_second_factor),
    _rule("too-many-admins", "An account with keys has no more admins than it needs.", "Canada: cloud guardrail 1",
          (ADMIN, "Give those who do not need it another profile.", _PEOPLE), ("people",), admins.too_many_admins),
    _rule("nobody-signs-in", "Whoever manages keys in use signs in now and then.", LOST,
          (_EITHER, "Have an admin sign in; if none can, take the way back.", _WAYS),
          ("people", "sign-ins", "calls", "keys"), admins.nobody_signs_in),
    _rule("unseen-admin", "Every admin has signed in within 90 days.", "Microsoft: stale privileged accounts",
          (ADMIN, "Ask whether they are still there; if not, take the admin profile from them.", _PEOPLE),
          ("people", "sign-ins"), admins.unseen_admin),
    _rule("others-in-production", "The production account that manages keys has admins only.", BEST_PRACTICE,
          (ADMIN, "Let people work in another account.", _PEOPLE), ("people", "keys"), admins.others_in_production),
    _rule("lone-developer", "A developer account is shared by the team.", BEST_PRACTICE,
          (ADMIN, "Add a user for each developer, and make one of them an admin.", _PEOPLE), ("people",),
          admins.lone_developer),
    _rule("leaver-is-needed", "No live key rests on somebody who left.", f"{_NHI}: improper offboarding",
          (ADMIN, "Put a recovery contact on record, impersonate another user, and rotate what they knew.", _KEY),
          ("keys", "requesters"), owners.leaver_is_needed),
    _rule("same-credential-twice", "Demo and production share no secret key or keypair.", f"{_NHI}: isolation",
          (ADMIN, "Make a new one in production, move the app to it, and delete the shared one.", _KEY),
          ("keys", "fingerprints"), keys_at_risk.same_credential_twice),
    _rule("legacy-calls", "No call authenticates with a password.", _LEGACY,
          (ADMIN, "Move these calls to OAuth.", Button("Legacy authentication", "/legacy")), ("keys", "legacy calls"),
          keys_at_risk.legacy_calls),
    _rule("credential-ends", "A key has a secret key or keypair that lasts.", "Microsoft Entra: expiring credentials",
          (ADMIN, "Add another one, and move the app to it.", _KEY), ("keys", "credentials"),
          keys_at_risk.credential_ends),
    _rule("live-but-unconfigured", "A live key is set up.", "FAQs: will my integration key change after Go Live?",
          (ADMIN, "Add what is missing.", Button("After Go-Live", "/apps/{key}/after-go-live")), ("keys", "settings"),
          keys_at_risk.live_but_unconfigured),
    _rule("review-ends", "A passed review is used before it expires.", "FAQs: what does Review Expired mean?",
          (ADMIN, "Press Go Live before that day.", Button("Go-Live", "/apps/{key}/go-live")), ("keys", "reviews"),
          keys_at_risk.review_ends),
    _rule("unused-key", "Every key is in use.", "Microsoft Entra: remove unused apps",
          (ADMIN, "Stop it; if nobody asks for it in 15 days, delete it.", _KEY), ("keys", "calls"),
          keys_at_risk.unused_key),
    _rule("requester-outside-domains", "The requester of a live key has an address in a claimed domain.", LOST,
          (ADMIN, "Put a recovery contact with an address of the domain on record.", _KEY),
          ("keys", "requesters", "domains"), owners.requester_outside_domains),
    _rule("domain-lapsed", "DNS proves every claimed domain.", LOST,
          (ORGANIZATION_ADMIN, "Put the DNS record back, and have it checked.", _DOMAINS), ("domains",),
          owners.domain_lapsed),
    _rule("organization-admin-alone", "An organization has two admins who can stand in.", LOST,
          (ORGANIZATION_ADMIN, "Make somebody else an organization admin too.", _DOMAINS),
          ("keys", "organizations"), owners.organization_admin_alone),
    _rule("several-accounts", "An organization keeps its keys in one account of each environment.", BEST_PRACTICE,
          (_EITHER, "Transfer the keys to one account.", _WAYS), ("keys", "organizations"), owners.several_accounts),
    _rule("customers-own-key", "A partner's product comes with the partner's key.", OWNERS,
          (ADMIN, "Ask the partner for an integration with their own key, and retire this one.", _KEY), ("keys",),
          owners.customers_own_a_partners_key),
    _rule("customer-clones", "An app has no key of its own for each customer.", FOR_ISVS,
          (ADMIN, "Move every customer to one key, and retire the others.", _APPS), ("keys",),
          owners.clones_for_customers),
    _rule("product-has-several-keys", "A product has one production key.", FOR_ISVS,
          (ADMIN, "Move every customer to one key, and retire the others.", _APPS), ("keys",),
          owners.product_has_several_keys),
    _rule("customers-see-the-key", "Customers of a product neither see nor manage its key.", FOR_ISVS,
          (ADMIN, "Move the key to an account of your own company, or take the profile from others.", _PEOPLE),
          ("people", "keys", "requesters"), owners.customers_see_the_key),
)
# fmt: on


class Unjudged(NamedTuple):
    """A rule that could not be judged, and what would have to be known."""

    rule: Rule
    missing: tuple[str, ...]


def judge(inventory: Inventory, policy: Policy, rules: tuple[Rule, ...] = CUSTODY) -> tuple[Finding, ...]:
    """Every finding, the gravest first, then in the order of the rules."""
    if not rules:
        raise ValueError("An audit without rules would find nothing wrong anywhere.")
    found = [finding for rule in rules if rule.needs <= inventory.says for finding in _judge(rule, inventory, policy)]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


def unjudged(inventory: Inventory, rules: tuple[Rule, ...] = CUSTODY) -> tuple[Unjudged, ...]:
    """The rules that the inventory says too little for."""
    missing = [(rule, [fact for fact in FACTS if fact in rule.needs - inventory.says]) for rule in rules]
    return tuple(Unjudged(rule, tuple(FACTS[fact] for fact in facts)) for rule, facts in missing if facts)


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The gravest severity among findings."""
    return min((finding.severity for finding in findings), key=SEVERITIES.index, default=None)


def _judge(rule: Rule, inventory: Inventory, policy: Policy) -> Iterator[Finding]:
    for broken in rule.check(inventory, policy):
        yield finding_of(rule, broken, _severity(inventory, broken))


def _severity(inventory: Inventory, broken: Broken) -> Severity:
    """One step less in demo: nothing real hangs on it."""
    account = inventory.account_of.get(broken.account)
    return eased(broken.severity) if account is not None and account.environment == "demo" else broken.severity
