"""Does the guide from a new key to its first call lead there, step by step, with the programs just as it shows them?"""

import html
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from keysteward.rules.first_call import STEPS, WAYS, Way
from keysteward.rules.first_programs import FILES, LANGUAGES, Language
from keysteward.twin.cast import TOWNS
from tests.setup.install import NODE as PACKAGES
from tests.twin.person import Page, Person
from tests.twin.running import Place, Twin

BACK = "https://app.example.com/callback"
PROGRAMS: dict[Language, tuple[str | Path, ...]] = {
    "python": (sys.executable,),
    "node": (Path(sys.executable).parent / "node",),
    "curl": ("sh",),
}


@dataclass(frozen=True)
class Guide:
    """The guide of one app, as Ada sees it in her browser."""

    ada: Person
    place: Place
    key: str
    way: Way
    language: Language

    def open(self) -> Page:
        """The page as it is now."""
        query = urlencode({"way": self.way, "language": self.language})
        return self.ada.look(self.place, f"/apps/{self.key}/first-call?{query}")

    def done(self) -> list[bool]:
        """Which of its steps are done."""
        titles = re.findall(r"<h3>[0-9]\. [^<]+<span[^>]*>: (done|to do)</span>", self.open().text)
        assert len(titles) == len(STEPS)
        return [said == "done" for said in titles]

    def program(self) -> str:
        """The program, as somebody copies it."""
        (text,) = re.findall(
            rf'aria-label="{re.escape(FILES[self.language])}"><code>(.*?)</code>', self.open().text, re.DOTALL
        )
        return html.unescape(text) + "\n"

    def exports(self) -> dict[str, str]:
        """The variables that it says to set, with what stands behind them."""
        (text,) = re.findall(r'aria-label="Run it"><code>(.*?)</code>', self.open().text, re.DOTALL)
        return dict(re.findall(r"^export ([A-Z_]+)=(.*)$", html.unescape(text), re.MULTILINE))

    def consent_link(self) -> str:
        """Where its button for consent leads."""
        (link,) = re.findall(r'href="([^"]*/oauth/auth\?[^"]*)"', self.open().text)
        return html.unescape(link)

    def make(self, what: str, body: object = None) -> Any:  # noqa: ANN401 — whatever JSON says
        """Take a step, as a program does."""
        return self.place.make(f"/keys/{self.key}/{what}", body or {})


@pytest.fixture
def demo(twin: Twin) -> Place:
    """Where keys begin."""
    return twin.demo


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", WAYS)
def test_the_way_leads_to_a_call(demo: Place, tmp_path: Path, way: Way, language: Language) -> None:
    """Each step turns done by being taken; the program runs as it is shown, and the guide sees its call."""
    ada = Person(demo.variables["DS_LOGIN_EMAIL"], demo.ca_file, demo.variables["DS_LOGIN_PASSWORD"])
    ada.sign_in(demo)
    account = TOWNS["demo"].account
    new = {"name": f"First {uuid4().hex[:6]}", "contact": "team@northwind.example", "grants": []}
    guide = Guide(ada, demo, demo.make(f"/accounts/{account}/keys", new)["key"], way, language)
    said = dict.fromkeys(guide.exports(), "")
    assert guide.done() == [True, False, False, False, False, False]

    grants = {"grants": ["confidential_code"] if way == "code" else ["confidential_code", "jwt"]}
    assert demo.ask("PATCH", f"/keys/{guide.key}", grants).status_code == 200
    assert guide.done() == [True, True, False, False, False, False]

    said |= _credential(guide, tmp_path)
    assert guide.done() == [True, True, True, False, False, False]

    guide.make("redirect-uris", {"uri": BACK})
    assert guide.done() == [True, True, True, True, False, False]

    told = ada.authorize(guide.consent_link(), BACK)
    assert guide.done() == [True, True, True, True, True, False]

    said |= {"CODE": told["code"]} if way == "code" else {}
    said |= {"NODE_EXTRA_CA_CERTS": demo.ca_file} if language == "node" else {}
    done = _run(guide, tmp_path, said)
    assert (account in done.stdout, done.stderr, done.returncode) == (True, "", 0)
    assert guide.done() == [True] * len(STEPS)
    assert "The first call succeeded" in guide.open().text


def _credential(guide: Guide, folder: Path) -> dict[str, str]:
    if guide.way == "code":
        return {"SECRET_KEY": guide.make("secrets")["value"]}
    file = folder / "private.pem"
    file.write_text(guide.make("keypairs")["private_key"])
    return {"PRIVATE_KEY_FILE": str(file)}


def _run(guide: Guide, folder: Path, said: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the program with the variables that the guide names, and nothing else that it could need."""
    assert said.keys() == guide.exports().keys()
    file = folder / FILES[guide.language]
    file.write_text(guide.program())
    environment = said | {"PATH": "/usr/bin:/bin", "NODE_PATH": str(PACKAGES / "node_modules")}
    return subprocess.run(
        [*PROGRAMS[guide.language], file], env=environment, capture_output=True, check=False, text=True, timeout=60
    )


def test_no_secret_stands_in_a_program(demo: Place, tmp_path: Path) -> None:
    """A secret key is not known to the page, and a program never asks for more than its environment."""
    del tmp_path
    ada = Person(demo.variables["DS_LOGIN_EMAIL"], demo.ca_file, demo.variables["DS_LOGIN_PASSWORD"])
    ada.sign_in(demo)
    key = demo.variables["DS_INTEGRATION_KEY"]

    for way in WAYS:
        for language in LANGUAGES:
            guide = Guide(ada, demo, key, way, language)
            assert demo.variables["DS_SECRET_KEY"] not in guide.open().text
            assert key in guide.program()
