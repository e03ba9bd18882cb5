"""Does a key belong to who should own it, and does its way back hold?"""

import re
from collections.abc import Iterator

from keysteward.rules.custody.findings import Broken, Kind, Severity
from keysteward.rules.custody.inventory import AccountFacts, Inventory, KeyFacts, Person, domain_of, grouped
from keysteward.rules.policy import Policy
from keysteward.rules.words import many

_OF_PRODUCTS = ("Public integration", "Embedded integration")
_OF_A_PARTNER = "Third-party integration key"
_SUFFIX = re.compile(r"\s*(?:\(.*\)|\[.*\]|[–—:|/]\s.*|\s-\s.*|\bfor\s.*)$", re.IGNORECASE)
_AROUND = re.compile(r"^[\s(\[–—:|/-]*(?:for\s+)?|[\s)\]]*$", re.IGNORECASE)
_NO_CUSTOMER = re.compile(
    r"(?:and|the|all|&|,)|v?\d+(?:\.\d+)*|eu|us|usa|uk|ca|au|jp|apac|emea|na|latam|europe|asia|americas|global|"
    r"(?:north|south|east|west)|prod|production|live|demo|test|tests|testing|staging|uat|qa|dev|sandbox|backup|"
    r"old|new|legacy|beta|internal|web|mobile|ios|android|desktop|batch|api|customers?"
)


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


def clones_for_customers(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A production key for each customer of what seems to be one app."""
    for (account_id, base), keys in _clones(inventory).items():
        account = inventory.account_of[account_id]
        customers = ", ".join(customer_of(key) for key in keys[:5])
        sentence = (
            f"{_capital(base)} has a production key for each of {len(keys)} customers ({customers}); "
            "one key serves every customer."
        )
        guids = tuple(key.key for key in keys)
        yield Broken("medium", "account", f"{account_id}/{base}", sentence, account_id, account.organization, guids)


def product_has_several_keys(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """More than one production key of one product, in one account or in several of an organization."""
    clones = {key for keys in _clones(inventory).values() for key in keys}
    of_products = [(product_of(key), key) for key in _in_production(inventory) if key not in clones]
    named = [(product, key) for product, key in of_products if product]
    for (account_id, product), found in grouped(named, lambda each: (each[1].account, each[0])).items():
        if len(found) > 1:
            account = inventory.account_of[account_id]
            said = f"has {len(found)} production keys ({_called(found)})"
            yield _several(product, said, found, (account_id, account.organization))
    yield from _in_several_accounts(inventory, named)


def _in_several_accounts(inventory: Inventory, named: list[tuple[str, KeyFacts]]) -> Iterator[Broken]:
    by_organization = grouped(named, lambda each: (inventory.account_of[each[1].account].organization, each[0]))
    for (organization, product), found in by_organization.items():
        accounts = dict.fromkeys(inventory.account_of[key.account].name for _, key in found)
        if organization and len(accounts) > 1:
            said = f"has production keys in {len(accounts)} accounts ({', '.join(list(accounts)[:5])})"
            yield _several(product, said, found, ("", organization))


def _several(product: str, said: str, found: tuple[tuple[str, KeyFacts], ...], whose: tuple[str, str]) -> Broken:
    account, organization = whose
    sentence = f"{_capital(product)} {said}; one serves every customer."
    guids = tuple(key.key for _, key in found)
    subject = f"{account or organization}/{product}"
    kind: Kind = "account" if account else "organization"
    return Broken("medium", kind, subject, sentence, account, organization, guids)


def customers_see_the_key(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A product's key in an account where people of several companies see or manage it."""
    for key, account in _live(inventory):
        if key.integration_type not in _OF_PRODUCTS or account.environment != "production":
            continue
        homes = _homes(inventory, key, account)
        seeing = inventory.who_see_keys(account.id, developers=policy.developers == "allowed")
        strangers = [each for each in seeing if not each.service and not _is_at_home(each.domain, homes)]
        if homes and strangers:
            sentence = f"{key.name} serves many customers, and {strangers[0].called} of another company can see it."
            yield Broken("medium", "key", key.key, sentence, account.id, account.organization, (key.key,))


def product_of(key: KeyFacts) -> str:
    """The product that a key belongs to: as it was said, or its name without what tells customers apart."""
    if key.product:
        return key.product.casefold()
    if key.integration_type not in (*_OF_PRODUCTS, _OF_A_PARTNER):
        return ""
    return _base(key)


def customer_of(key: KeyFacts) -> str:
    """The customer that a key's name ends with; empty where it ends with none, or with a place or a version."""
    found = _SUFFIX.search(key.name)
    words = _AROUND.sub("", found[0]).strip() if found else ""
    return "" if all(_NO_CUSTOMER.fullmatch(word) for word in words.casefold().split()) else words


def _clones(inventory: Inventory) -> dict[tuple[str, str], tuple[KeyFacts, ...]]:
    """Keys of one account that only their customer tells apart; of what is sold two are enough, otherwise three."""
    named = [key for key in _in_production(inventory) if customer_of(key) and _base(key)]
    found = grouped(named, lambda key: (key.account, key.product.casefold() or _base(key)))
    return {name: keys for name, keys in found.items() if _are_clones(keys)}


def _are_clones(keys: tuple[KeyFacts, ...]) -> bool:
    is_sold = all(key.product or key.integration_type in _OF_PRODUCTS for key in keys)
    return len({customer_of(key).casefold() for key in keys}) >= (2 if is_sold else 3)


def _base(key: KeyFacts) -> str:
    return _SUFFIX.sub("", key.name).strip().casefold()


def _in_production(inventory: Inventory) -> list[KeyFacts]:
    return [key for key, account in _live(inventory) if account.environment == "production"]


def _homes(inventory: Inventory, key: KeyFacts, account: AccountFacts) -> set[str]:
    """The domains of the company that a key belongs to: of whoever asked for it, and those it claims."""
    claimed = {each.host_name for each in inventory.domains_of(account.organization) if each.state == "active"}
    return {domain_of(key.requester), *claimed} - {""} if key.requester else set()


def _is_at_home(domain: str, homes: set[str]) -> bool:
    return any(domain == home or domain.endswith(f".{home}") or home.endswith(f".{domain}") for home in homes)


def _called(found: tuple[tuple[str, KeyFacts], ...]) -> str:
    return ", ".join(key.name for _, key in found[:5])


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


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
