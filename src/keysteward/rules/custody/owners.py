"""Does a key belong to who should own it, and does its way back hold?"""

import re
from collections.abc import Iterator

from keysteward.rules.custody.findings import Broken, Severity
from keysteward.rules.custody.inventory import AccountFacts, Inventory, KeyFacts, Person, domain_of, grouped
from keysteward.rules.policy import Policy
from keysteward.rules.words import many

_OF_PRODUCTS = ("Public integration", "Embedded integration")
_OF_A_PARTNER = "Third-party integration key"
_SUFFIX = re.compile(r"\s*(?:\(.*\)|\[.*\]|[–—:|/]\s.*|\s-\s.*|\bfor\s.*)$", re.IGNORECASE)


def leaver_is_needed(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """Somebody who left asked for the review of a live key, or is impersonated by one."""
    for person in inventory.people:
        held = [] if person.active else [key for key in inventory.keys_resting_on(person) if key.live]
        for account_id, keys in grouped(held, lambda key: key.account).items():
            account = inventory.account_of.get(account_id)
            if account is None:
                continue
            counted = many(len(keys), f"live key of {account.name} rests", f"live keys of {account.name} rest")
            sentence = f"{person.called} left, and {counted} on them: {_why(keys, person)}."
            guids = tuple(key.key for key in keys)
            yield Broken("high", "person", person.id, sentence, account.id, account.organization, guids)


def requester_outside_domains(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """Stand-in needs the requester, or a recovery contact, to have an address in a claimed domain."""
    for key, account in _live(inventory):
        active = {each.host_name for each in inventory.domains_of(account.organization) if each.state == "active"}
        known = [each for each in (key.requester, *key.recovery_contacts) if each]
        strange = active and known and not any(domain_of(each) in active for each in known)
        if strange and account.environment == "production":
            who = f"{known[0]} asked for the review of {key.name}"
            sentence = f"{who}, from no claimed domain: no organization admin can stand in."
            yield Broken("medium", "key", key.key, sentence, account.id, account.organization, (key.key,))


def domain_lapsed(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A claimed domain that DNS does not prove any more opens no way back."""
    for domain in inventory.domains:
        if domain.state != "lapsed":
            continue
        live = inventory.live_keys_by_organization.get(domain.organization, ())
        keys = tuple(key.key for key in live if domain_of(key.requester) == domain.host_name)
        lost = f": nobody can stand in for {many(len(keys), 'key', 'keys')} requested from it" if keys else ""
        sentence = f"DNS no longer proves {domain.host_name}{lost}."
        yield Broken("high" if keys else "medium", "domain", domain.host_name, sentence, "", domain.organization, keys)


def organization_admin_alone(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """Stand-in is the organization admin's to do, and they may leave too."""
    for organization in inventory.organizations:
        admins = inventory.organization_admins(organization.id)
        keys = tuple(key.key for key in inventory.live_keys_by_organization.get(organization.id, ()))
        if keys and len(admins) < 2:
            who = f"{admins[0].called} alone can" if admins else "Nobody can"
            severity: Severity = "medium" if admins else "high"
            sentence = f"{who} stand in for the accounts of {organization.name}."
            yield Broken(severity, "organization", organization.id, sentence, "", organization.id, keys)


def several_accounts(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """An organization whose keys lie in several accounts has to look after each of them."""
    open_ones = [each for each in inventory.management_accounts if each.state != "closed" and each.organization]
    for (organization, environment), found in grouped(
        open_ones, lambda each: (each.organization, each.environment)
    ).items():
        if len(found) < 2:
            continue
        name = (
            inventory.organization_of[organization].name if organization in inventory.organization_of else organization
        )
        kind = "developer" if environment == "demo" else "production"
        sentence = f"{name} manages keys in {len(found)} {kind} accounts: {', '.join(each.name for each in found[:5])}."
        keys = tuple(key for each in found for key in inventory.guids_of(each.id))
        yield Broken("low", "organization", f"{organization}/{environment}", sentence, "", organization, keys)


def customers_own_a_partners_key(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A customer's own key for a partner's product: the partner should own one key for all customers."""
    for key, account in _live(inventory):
        if key.integration_type == _OF_A_PARTNER:
            sentence = (
                f"{key.name} is a customer's own key for a partner's product; the partner should own one for all."
            )
            yield Broken("medium", "key", key.key, sentence, account.id, account.organization, (key.key,))


def product_has_several_keys(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """More than one production key of one product, or a clone for each customer."""
    live = [key for key, account in _live(inventory) if account.environment == "production"]
    named = [(product_of(key), key) for key in live]
    for (account_id, product), found in grouped(
        [each for each in named if each[0]], lambda each: (each[1].account, each[0])
    ).items():
        if len(found) < 2:
            continue
        account = inventory.account_of[account_id]
        names = ", ".join(key.name for _, key in found[:5])
        sentence = f"{product.capitalize()} has {len(found)} production keys ({names}); one serves every customer."
        guids = tuple(key.key for _, key in found)
        yield Broken("medium", "account", f"{account_id}/{product}", sentence, account_id, account.organization, guids)


def customers_see_the_key(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A product's key in an account where admins of several companies manage it."""
    for key, account in _live(inventory):
        if key.integration_type not in _OF_PRODUCTS or account.environment != "production":
            continue
        home = domain_of(key.requester)
        strangers = [each for each in inventory.admins_of(account.id) if not each.service and each.domain != home]
        if home and strangers:
            sentence = f"{key.name} serves many customers, and {strangers[0].called} of another company can manage it."
            yield Broken("medium", "key", key.key, sentence, account.id, account.organization, (key.key,))


def product_of(key: KeyFacts) -> str:
    """The product that a key belongs to: as it was said, or its name without what tells customers apart."""
    if key.product:
        return key.product.casefold()
    if key.integration_type not in (*_OF_PRODUCTS, _OF_A_PARTNER):
        return ""
    return _SUFFIX.sub("", key.name).strip().casefold()


def _live(inventory: Inventory) -> Iterator[tuple[KeyFacts, AccountFacts]]:
    for key in inventory.keys:
        account = inventory.account_of.get(key.account)
        if account is not None and key.live:
            yield key, account


def _why(keys: tuple[KeyFacts, ...], person: Person) -> str:
    asked = [key.name for key in keys if key.requester.lower() == person.email.lower()]
    acted = [key.name for key in keys if person.id in key.impersonates]
    parts = (
        f"they asked for the review of {_names(asked)}" if asked else "",
        f"they are impersonated by {_names(acted)}" if acted else "",
    )
    return ", ".join(part for part in parts if part)


def _names(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
