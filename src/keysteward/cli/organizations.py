"""What does `keysteward organizations` do? It shows the organizations to whoever runs an environment, and helps."""

from typing import Annotated

import typer
from rich.markup import escape

from keysteward.actions import domains
from keysteward.actions import organizations as deeds
from keysteward.cli.operating import NOTHING_DONE, console, opened
from keysteward.cli.options import (
    DatabaseOption,
    DnsServersOption,
    DomainPrefixOption,
    DomainTargetOption,
    EnvironmentOption,
    MasterKeyOption,
    OriginOption,
    names_of,
    origin_of,
)
from keysteward.rules.accounts import Domain
from keysteward.rules.keys import checked_text
from keysteward.rules.words import many

organizations = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Look at organizations, and help one that lost its admins: docs/guides/organizations.md.",
)

Organization = Annotated[str, typer.Argument(help="The organization, by GUID.")]
By = Annotated[str, typer.Option("--by", help="Who you are.")]


@organizations.command("list")
def list_all(environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption) -> None:
    """List the organizations, by name."""
    with opened(environment, database, master_key_file) as ctx:
        found = deeds.list_all(ctx)
        for organization, size in found:
            words = f"{many(size.accounts, 'account', 'accounts')}, {many(size.admins, 'admin', 'admins')}"
            console.print(escape(f"{organization.name}: {words}; {organization.id}"))
        if not found:
            console.print("There is no organization. An admin of an account creates one in the console.")


@organizations.command()
def show(
    organization: Organization, environment: EnvironmentOption, database: DatabaseOption,
    master_key_file: MasterKeyOption,
) -> None:  # fmt: skip
    """Show one: its accounts, its admins, and its claimed domains with what DNS said last."""
    with opened(environment, database, master_key_file) as ctx:
        view = deeds.show(ctx, organization)
        console.print(escape(f"{view.organization.name} ({view.organization.id})"))
        for each in view.accounts:
            console.print(escape(f"account {each.account.name}: {each.account.state}; {each.account.id}"))
        for user, since in view.admins:
            console.print(escape(f"admin {user.email} ({user.name}): {user.state}, since {since:%Y-%m-%d}"))
        for domain in view.domains:
            console.print(escape(_told(domain)))


@organizations.command("add-admin")
def add_admin(
    organization: Organization,
    email: Annotated[str, typer.Argument(help="The address of an active user of one of its accounts.")],
    environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption, by: By,
) -> None:  # fmt: skip
    """Give an organization another admin, where nobody is left who could."""
    with opened(environment, database, master_key_file) as ctx:
        author = checked_text(by, "by", most=100)
        user = deeds.add_admin_as_operator(ctx, organization, email, f"operator {author}")
        console.print(escape(f"{user.name} ({user.email}) administers the organization."))


@organizations.command()
def check(
    organization: Organization, environment: EnvironmentOption, database: DatabaseOption,
    master_key_file: MasterKeyOption, origin: OriginOption, by: By, dns_servers: DnsServersOption = "",
    domain_prefix: DomainPrefixOption = "keysteward", domain_target: DomainTargetOption = "",
) -> None:  # fmt: skip
    """Ask DNS for the proofs of its claimed domains now, and go by what it says."""
    here, servers = origin_of(origin, "--origin", done=NOTHING_DONE), names_of(dns_servers)
    with opened(
        environment, database, master_key_file, origin=here, dns_servers=servers, domain_prefix=domain_prefix,
        domain_target=domain_target,
    ) as ctx:  # fmt: skip
        author = checked_text(by, "by", most=100)
        checked = domains.check_all(ctx, organization, f"operator {author}")
        for domain in checked:
            console.print(escape(_told(domain)))
        if not checked:
            console.print("It claims no domain.")


def _told(domain: Domain) -> str:
    asked = f"{domain.said} ({domain.checked_at:%Y-%m-%d %H:%M} UTC)" if domain.checked_at else "DNS was not asked yet"
    return f"domain {domain.host_name}: {domain.state}; {asked}"
