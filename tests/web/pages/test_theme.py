"""Does each browser keep the theme that somebody chose, and can everything be read in both?"""

import re
from collections.abc import Iterator

import pytest

from keysteward.rules.words import ENVIRONMENTS, Environment
from keysteward.web.showing import STATIC
from tests.cast import ADA
from tests.web.pages.browsing import Browser, Page, Street

SHEET = (STATIC / "keysteward.css").read_text()
TOKENS, _, RULES = SHEET.partition("/* ground */")
COOKIE = "__Host-ks-theme"
READ_ON = [  # text, ground: words need 4.5 to 1
    ("ink", "canvas"), ("ink", "surface"), ("ink", "sunken"), ("ink", "hover"), ("ink-2", "canvas"),
    ("ink-2", "surface"), ("ink-2", "sunken"), ("ink-2", "hover"), ("ink-3", "canvas"), ("ink-3", "surface"),
    ("ink-3", "sunken"), ("ok", "ok-tint"), ("warn", "warn-tint"), ("bad", "bad-tint"), ("info", "info-tint"),
    ("bad", "surface"), ("accent-ink", "surface"), ("accent-ink", "canvas"), ("accent-ink", "accent-tint"),
    ("on-fill", "accent"), ("on-fill", "accent-hover"), ("on-fill", "ok-fill"), ("on-fill", "bad-fill"),
    ("on-fill", "bad-hover"), ("band-ink", "band"), ("band-ink", "band-stripe"),
]  # fmt: skip
SEEN_ON = [("edge", "surface"), ("focus", "canvas"), ("focus", "surface"), ("accent", "surface")]  # 3 to 1


def theme_of(page: Page) -> tuple[str, list[str]]:
    """What the page says it looks like, and which choice it shows as made."""
    pressed = [node.text for node in page.root.all("button") if node.get("aria-pressed") == "true"]
    return page.root.all("html")[0].get("data-theme"), pressed


def choose(browser: Browser, path: str, theme: str) -> Page:
    """Press one of the three buttons in the menu."""
    return browser.send(browser.open(path), "/security/theme", theme=theme)


def test_a_browser_keeps_its_theme(ada: Browser, street: Street) -> None:
    """It leads back to where it was pressed, holds on every page, signed in or not, and in no other browser."""
    before = theme_of(ada.open("/apps"))
    pressed = choose(ada, "/apps?q=ready", "dark")
    after = theme_of(ada.open("/members"))
    ada.send(ada.open("/"), "/signout")

    assert before == ("", ["System"])
    assert (pressed.status, pressed.location) == (303, "/apps?q=ready")
    assert after == ("dark", ["Dark"])
    assert theme_of(ada.open("/signin"))[0] == "dark"
    assert theme_of(street.signed_in(ADA).open("/"))[0] == ""


def test_the_system_decides_again(ada: Browser) -> None:
    """The browser forgets the choice."""
    choose(ada, "/", "light")
    kept = ada.cookies[COOKIE]
    choose(ada, "/", "")

    assert kept == "light"
    assert COOKIE not in ada.cookies
    assert theme_of(ada.open("/")) == ("", ["System"])


def test_other_words_are_no_theme(ada: Browser) -> None:
    """Neither a cookie nor a form brings anything else into the page, and the way back stays in this origin."""
    ada.cookies[COOKIE] = 'dark"onload=x'
    page = ada.open("/")
    pressed = ada.send(page, "/security/theme", theme="sepia", return_to="//elsewhere.example/")

    assert theme_of(page) == ("", ["System"])
    assert (pressed.status, pressed.location) == (303, "/")


def colours(environment: Environment, theme: int) -> dict[str, str]:
    """The tokens of an environment, as one theme has them: 0 is light, 1 is dark."""
    own = re.search(rf'\[data-environment="{environment}"\] {{(.*?)\n}}', TOKENS, re.DOTALL)
    shared = re.search(r"^:root {\n(.*?)\n}", TOKENS, re.DOTALL | re.MULTILINE)
    assert own
    assert shared
    found: dict[str, str] = {}
    for name, value in re.findall(r"--([\w-]+): (.+);", shared[1] + own[1]):
        pair = re.fullmatch(r"light-dark\((#\w+), (#\w+)\)", value)
        if pair or value.startswith("#"):
            found[name] = pair[theme + 1] if pair else value
    return found


def brightness(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """How far apart two colours are, from 1 to 21."""
    dark, light = sorted((brightness(one), brightness(other)))
    return (light + 0.05) / (dark + 0.05)


def _too_close(found: dict[str, str], pairs: list[tuple[str, str]], least: float) -> Iterator[str]:
    for front, ground in pairs:
        measured = contrast(found[front], found[ground])
        if measured < least:
            yield f"{front} on {ground}: {measured:.2f}"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_and_edges_stand_out(environment: Environment, theme: int) -> None:
    """WCAG 2.2 AA: 4.5 to 1 for words, 3 to 1 for what must be seen."""
    found = colours(environment, theme)

    assert [*_too_close(found, READ_ON, 4.5), *_too_close(found, SEEN_ON, 3)] == []


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_no_environment_is_mistaken_for_the_other(theme: int) -> None:
    """Their bands differ in colour in both themes, demo's alone has stripes, and the words differ anyway."""
    demo, production = colours("demo", theme), colours("production", theme)

    assert len({demo["band"], demo["band-stripe"], production["band"]}) == 3
    assert production["band"] == production["band-stripe"]
    assert demo["accent"] != production["accent"]


def test_colours_and_sizes_of_type_come_from_the_tokens() -> None:
    """Below the tokens no rule names a colour or a size of type of its own; a drawing's words have its own units."""
    rules = re.sub(r"/\*.*?\*/", "", RULES, flags=re.DOTALL)

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*;)|\b(?:rgb|hsl|oklch)a?\([^)]*\)", rules) == []
    assert re.findall(r"font(?:-size)?: [^;]*\d(?:rem|pt)[^;]*", rules) == []
    assert set(re.findall(r"var\(--([\w-]+)", SHEET)) <= set(re.findall(r"--([\w-]+):", SHEET))
