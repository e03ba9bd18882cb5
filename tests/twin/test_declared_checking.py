"""Is everything that can be seen to be wrong with a file said at once, before anything of it is applied?"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from keysteward.rules.access import PERMISSIONS
from keysteward.rules.custody.audit import CUSTODY
from keysteward.rules.webhooks import KINDS_TOLD
from tests.twin.declaring import ACCOUNT, ADA, APP, LIVE, SMALL, mistaken, read_text

BO = '[[demo.users]]\nemail = "bo@acme.example"\n'
SENDER = BO + 'memberships = [{ account = "Acme", profile = "DS Sender" }]\n'
GROUP = '[[demo.organizations]]\nname = "Acme Group"\ndomains = ["acme.example"]\n'
TEXTS = {"GROUP": GROUP, "SMALL": SMALL, "ACCOUNT": ACCOUNT, "ADA": ADA, "APP": APP, "BO": BO, "SENDER": SENDER}
WRONG = tomllib.loads((Path(__file__).parent / "mistakes.toml").read_text())["case"]


@pytest.mark.parametrize("case", WRONG, ids=[case["what"] for case in WRONG])
def test_a_mistake_is_named_by_its_path(tmp_path: Path, case: dict[str, Any]) -> None:
    """The path leads to what is wrong, the sentence says what to do, and nothing else is found wrong."""
    codes = ", ".join(sorted(rule.code for rule in CUSTODY))
    listed = (said.replace("{permissions}", ", ".join(PERMISSIONS)) for said in case["expected"])
    kinds = ", ".join(KINDS_TOLD)
    with mistaken(*(said.replace("{codes}", codes).replace("{kinds}", kinds) for said in listed)):
        read_text(tmp_path, "".join(TEXTS[name] for name in case["before"]) + case["text"])


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    """References into every part of the file are looked at together."""
    with mistaken(
        "demo.users[0].memberships[0].account: several accounts are called Acme; give the GUID.",
        "demo.apps[0].account: several accounts are called acme; give the GUID.",
        "demo.apps[0].secrets[0]: use 16 to 200 characters.",
        "demo.consents[0].user: no user called bo@acme.example is declared here.",
        "production.accounts[0]: nobody is an admin of it; give a user a membership with the profile DS Admin.",
    ):
        read_text(
            tmp_path,
            '[[demo.accounts]]\nname = "Acme"\nguid = "d0000000-0000-4000-8000-00000000000a"\n'
            '[[demo.accounts]]\nname = "Acme"\nguid = "D0000000-0000-4000-8000-00000000000B"\n'
            '[[demo.users]]\nemail = "cy@acme.example"\nmemberships = [{ account = "Acme" }]\n'
            '[[demo.users]]\nemail = "ada@acme.example"\n'
            'memberships = [{ account = "d0000000-0000-4000-8000-00000000000a" },'
            ' { account = "d0000000-0000-4000-8000-00000000000b" }]\n'
            '[[demo.apps]]\nname = "Lease signer"\naccount = "acme"\nsecrets = ["x"]\n'
            '[[demo.consents]]\nuser = "bo@acme.example"\napp = "lease SIGNER"\nscopes = ["a"]\n'
            '[[production.accounts]]\nname = "Acme"\n',
        )


@pytest.mark.parametrize("text", ["", SMALL, SMALL + LIVE, ACCOUNT + ADA + SENDER])
def test_a_file_that_is_right_is_left_alone(tmp_path: Path, text: str) -> None:
    """Nothing is found wrong with small files."""
    assert read_text(tmp_path, text).file == "twin.toml"
