"""What does the console look like? `make pictures` opens every page and keeps a picture of each, to leaf through."""

import sys
from collections.abc import Iterator
from html import escape
from itertools import product
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.browser.everywhere import Scene, everywhere, settled
from tests.browser.judging import visits
from tests.browser.pages import BEST, PAGES, Shown
from tests.setup.install import find_chromium

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "screenshots" / "pages"
IMAGES = ROOT / "docs" / "images"
SIZES: dict[str, ViewportSize] = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    """Make all of them; given words, those of the pages whose name holds one of the words."""
    words = sys.argv[1:]
    pages = [shown for shown in PAGES if not words or any(word in shown.file for word in words)]
    if not words:
        rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    print(f"{len(pages)} pages, on a desktop and a phone, by day and by night:")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        with everywhere(Path(folder) / "twin") as twin:
            for _ in taken(settled(twin, chromium), chromium, pages):
                print(".", end="", flush=True)
        chromium.close()
    (FOLDER / "index.html").write_text("\n".join(leaves(pages)))
    print(f"\nLook at {FOLDER / 'index.html'}. The best are in {IMAGES}.")


def taken(scene: Scene, browser: Browser, pages: list[Shown]) -> Iterator[Path]:
    """Take all pictures, one after the other."""
    best = {page: name for name, page in BEST.items()}
    for size, scheme in product(SIZES, SCHEMES):
        context = browser.new_context(
            ignore_https_errors=True, viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce"
        )
        for shown, looker in visits(scene, context, pages):
            file = FOLDER / named(shown, size, scheme)
            looker.page.screenshot(path=file, full_page=True)
            if shown.file in best and (size, scheme) == ("desktop", "light"):
                looker.page.screenshot(path=IMAGES / f"{best[shown.file]}.png")
            yield file
        context.close()


def named(shown: Shown, size: str, scheme: str) -> str:
    """What a picture is called."""
    return f"{shown.file}-{size}-{scheme}.png"


def leaves(pages: list[Shown]) -> Iterator[str]:
    """A page with all of them, to leaf through."""
    yield (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Pictures of the console</title>'
        "<style>body{font:16px system-ui;margin:24px}section{margin-bottom:48px}img{vertical-align:top;margin:8px;"
        "border:1px solid #888}.desktop{width:560px}.phone{width:200px}</style><h1>Pictures of the console</h1>"
    )
    for shown in pages:
        who = escape(shown.who or "nobody")
        yield f"<section><h2>{escape(shown.file)}</h2><p>{escape(shown.path)}, seen by {who}</p>"
        for size, scheme in product(SIZES, SCHEMES):
            file = named(shown, size, scheme)
            yield f'<a href="{file}"><img class="{size}" loading="lazy" src="{file}" alt="{size}, {scheme}"></a>'
        yield "</section>"


if __name__ == "__main__":
    main()
