"""What does the reference page say of declared twins? What the shapes say, and nothing else.

`python -m keysteward.twin.declared.reference FOLDER` writes the page and the JSON Schema beside it.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec

from keysteward.twin.declared import shapes

PAGE = "declared-twins.md"
SCHEMA = "declared-twins.schema.json"

_TITLES: dict[str, str] = {
    "Declaration": "The file",
    "Clock": "`clock`",
    "Demo": "`demo`",
    "Production": "`production`",
    "PolicyVersion": "`policies`",
    "Gateway": "`gateways`",
    "Account": "`accounts`",
    "BlockedApp": "`accounts.blocked_apps`",
    "Limits": "`accounts.limits`",
    "Profile": "`accounts.profiles`",
    "Invitation": "`accounts.invitations`",
    "Finding": "`accounts.findings`",
    "RecoveryContact": "`accounts.recovery_contacts`",
    "RecoveryRecipient": "`accounts.recovery_recipients`",
    "Drill": "`accounts.drills`",
    "DrillResult": "`accounts.drills.results`",
    "Webhook": "`accounts.webhooks` and `organizations.webhooks`",
    "User": "`users`",
    "Membership": "`users.memberships`",
    "AuthenticatorApp": "`users.authenticator_app`",
    "Organization": "`organizations`",
    "OrganizationAdmin": "`organizations.admins`",
    "LinkedAccount": "`organizations.accounts`",
    "AccountRequest": "`organizations.requests`",
    "Domain": "`organizations.domains`",
    "AuthorizedApp": "`organizations.authorized_apps`",
    "IdentityProvider": "`organizations.identity_provider`",
    "Link": "`organizations.identity_provider.links`",
    "Directory": "`organizations.directory`",
    "ScimToken": "`organizations.directory.tokens`",
    "Departure": "`departures`",
    "DemoApp": "`apps`, in demo",
    "ProductionApp": "`apps`, in production",
    "Replaced": "`apps.replaces`, in demo",
    "Secret": "`apps.secrets`",
    "Keypair": "`apps.keypairs`",
    "Leak": "`apps.secrets.leaked` and `apps.keypairs.leaked`",
    "Successor": "`leaked.successor`",
    "Calls": "`apps.calls`",
    "Review": "`apps.reviews`",
    "Question": "`apps.reviews.questions`",
    "Answer": "`apps.reviews.questions.answer`",
    "Ruling": "`apps.reviews.ruling`",
    "Waiver": "`apps.implicit_waiver`",
    "LegacyWaiver": "`apps.legacy_waiver`",
    "Transfer": "`transfers`, in production",
    "Step": "`transfers.accepted`, `source_confirmed`, `destination_confirmed` and `approved`",
    "Ended": "`transfers.ended`",
    "Retirement": "`retirements`, in production",
    "Consent": "`consents`",
    "PersonalToken": "`personal_access_tokens`",
    "DevEnv": "`dev_env`",
}
_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a table",
}
_HEAD = """# Reference: declared twins

What a file for `keysteward dev --seed FILE` may hold, and what `keysteward dev --export FILE` writes. The
[guide](../guides/declared-twins.md) shows small files and a full one. Editors that know JSON Schema take
[{schema}]({schema}).

This page is printed from the shapes that read the file. In TOML a list of tables is written `[[demo.apps]]`. A field
that the tables below do not name is refused.

## Moments

A moment is an age (`3 days`, `2 hours 30 minutes ago`, in weeks, days, hours, minutes and seconds), counted back from
when the file is applied, or `now`, or an instant with its zone (`2026-11-20T09:30:00Z`).
"""


def schema() -> dict[str, Any]:
    """The JSON Schema of a file."""
    found = msgspec.json.schema(shapes.Declaration)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A declared twin", **found}


def page() -> str:
    """The reference page."""
    tables = schema()["$defs"]
    sections = [_HEAD.format(schema=SCHEMA), *(_section(tables, name) for name in _TITLES)]
    return "\n".join(sections)


def write(folder: Path) -> None:
    """Write the page and the JSON Schema into a folder."""
    (folder / PAGE).write_text(page())
    (folder / SCHEMA).write_text(msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n")


def _section(tables: dict[str, Any], name: str) -> str:
    table = tables[name]
    lines = [
        f"## {_TITLES[name]}",
        "",
        table["description"],
        "",
        "| field | holds | default | meaning |",
        "|---|---|---|---|",
    ]
    for field, said in table["properties"].items():
        usual = "must be said" if field in table["required"] else _usual(said["default"]) if "default" in said else ""
        lines.append(f"| `{field}` | {_kind(said)} | {usual} | {_meaning(tables, said)} |")
    return "\n".join([*lines, ""])


def _kind(said: dict[str, Any]) -> str:
    if "title" in said:
        return f"[{said['title']}](#moments)"
    if "enum" in said:
        return " or ".join(f"`{value}`" for value in said["enum"] if value is not None)
    if "anyOf" in said:
        return " or ".join(_kind(each) for each in said["anyOf"] if each.get("type") != "null")
    if "$ref" in said:
        title = _TITLES[said["$ref"].rpartition("/")[2]]
        return f"[{title}](#{anchor(title)})"
    if said["type"] == "array":
        return f"a list: {_kind(said['items'])}"
    return _WORDS[said["type"]]


def _usual(default: object) -> str:
    if default in (None, "", [], {}):
        return ""
    values = default if isinstance(default, list) else [default]
    return ", ".join(f"`{msgspec.json.encode(value).decode()}`" for value in values)


def _meaning(tables: dict[str, Any], said: dict[str, Any]) -> str:
    """A field's sentence; where it has none, that of the table that it holds."""
    examples = ", ".join(f"`{example}`" for example in said.get("examples", ()) if "title" not in said)
    reference = said.get("$ref") or said.get("items", {}).get("$ref", "")
    sentence = said.get("description") or tables.get(reference.rpartition("/")[2], {}).get("description", "")
    return f"{sentence} {f'For example {examples}.' if examples else ''}".strip()


def anchor(title: str) -> str:
    """Where a heading is found on a page, as GitHub makes it."""
    return "".join(each for each in title.lower().replace(" ", "-") if each.isalnum() or each in "-_")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
