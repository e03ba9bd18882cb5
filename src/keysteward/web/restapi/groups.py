"""Which groups does an account have? The two that every account has: its admins, and everyone."""

from dataclasses import dataclass

from keysteward.rules.accounts import Account, Standing


@dataclass(frozen=True, slots=True)
class Group:
    """Users of an account. `kind` is admin or everyone, which the two APIs spell in their own ways."""

    id: int
    name: str
    kind: str

    def has(self, standing: Standing) -> bool:
        """Whether a member belongs to it; closed members belong to none."""
        return standing.is_admin if self.kind == "admin" else standing.is_active


def groups_of(account: Account) -> tuple[Group, ...]:
    """The groups of an account, with ids that no other account has."""
    first = account.number * 10
    return Group(first + 1, "Administrators", "admin"), Group(first + 2, "Everyone", "everyone")


def groups_with(standing: Standing) -> list[Group]:
    """The groups that a member belongs to."""
    return [group for group in groups_of(standing.account) if group.has(standing)]


def rest_group(group: Group) -> dict[str, object]:
    """A group as the eSignature API shows it."""
    return {"groupId": str(group.id), "groupName": group.name, "groupType": f"{group.kind}Group"}


def admin_group(group: Group) -> dict[str, object]:
    """A group as the Admin API shows it."""
    return {"id": group.id, "name": group.name, "type": f"{group.kind}_group"}
