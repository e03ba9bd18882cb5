"""How does a page show a form as somebody had filled it in?

The page is made as for anybody; then the form that goes to the same path gets the words that were kept, whichever page
it stands on. What the page itself says in hidden fields stays, but for the version that the words were typed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from typing import NamedTuple

from keysteward.rules.kept_forms import KeptForm

PLACE = "kept-form"

_UNTOUCHED = frozenset({"password", "submit", "button", "image", "reset"})
_BOXES = frozenset({"checkbox", "radio"})
_ABOUT_THE_PAGE = frozenset({"nonce", "typed_by", "version"})
_VERSION = "version"


@dataclass
class _Piece:
    """A tag or text of a page, as it stands there; `tag` of an end begins with a slash, and of a text is empty."""

    raw: str
    tag: str = ""
    attributes: dict[str, str | None] | None = None

    def get(self, name: str) -> str:
        """An attribute, empty where it is not set."""
        return (self.attributes or {}).get(name) or ""

    def has(self, name: str) -> bool:
        """Whether an attribute stands there."""
        return name in (self.attributes or {})

    def set(self, **wanted: str | bool) -> None:
        """Set attributes, or take them away where False is wanted."""
        kept: dict[str, str | bool | None] = {**(self.attributes or {}), **wanted}
        said = (name if value in {None, True} else f'{name}="{escape(str(value))}"'
                for name, value in kept.items() if value is not False)  # fmt: skip
        self.raw = f"<{' '.join((self.tag, *said))}>"


class _Form(NamedTuple):
    start: int
    end: int
    around: tuple[int, ...]


def refilled(html: str, form: KeptForm) -> str | None:
    """The page with the form filled in and everything open that hides it; None where no form of it goes there."""
    pieces = _pieces(html)
    fitting = [each for each in _forms(pieces) if pieces[each.start].get("action").lower() == form.path.lower()]
    if not fitting:
        return None
    chosen = max(fitting, key=lambda each: _agreement(pieces[each.start : each.end], form))
    for place in chosen.around:
        pieces[place].set(open=True)
    head = pieces[chosen.start]
    head.set(id=head.get("id") or PLACE, **{"data-kept": True})
    _fill(pieces[chosen.start : chosen.end], form)
    return "".join(piece.raw for piece in pieces)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[_Piece] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(_Piece(self.get_starttag_text() or "", tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.found.append(_Piece(f"</{tag}>", f"/{tag}"))

    def handle_data(self, data: str) -> None:
        self.found.append(_Piece(data))

    def handle_entityref(self, name: str) -> None:
        self.found.append(_Piece(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        self.found.append(_Piece(f"&#{name};"))

    def handle_decl(self, decl: str) -> None:
        self.found.append(_Piece(f"<!{decl}>"))


def _pieces(html: str) -> list[_Piece]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


def _forms(pieces: list[_Piece]) -> Iterator[_Form]:
    """The forms that post, each with the folded parts around it."""
    folded: list[int] = []
    start = 0
    for place, piece in enumerate(pieces):
        if piece.tag == "details":
            folded.append(place)
        elif piece.tag == "/details":
            folded.pop()
        elif piece.tag == "form":
            start = place
        elif piece.tag == "/form" and pieces[start].get("method") == "post":
            yield _Form(start, place, tuple(folded))


def _agreement(pieces: list[_Piece], form: KeptForm) -> int:
    """How many hidden fields say what the kept form said: which of the forms that go to one path it was."""
    hidden = [piece for piece in pieces if piece.get("type") == "hidden" and piece.get("name") not in _ABOUT_THE_PAGE]
    return sum((piece.get("name"), piece.get("value")) in form.fields for piece in hidden)


def _fill(pieces: list[_Piece], form: KeptForm) -> None:
    left: dict[str, list[str]] = {}
    for name, value in form.fields:
        left.setdefault(name, []).append(value)
    for place, piece in enumerate(pieces):
        name = piece.get("name")
        if piece.tag == "details":
            piece.set(open=True)
        elif piece.tag == "input" and not piece.has("disabled"):
            _fill_input(piece, left.get(name, []))
        elif piece.tag == "textarea" and left.get(name):
            _fill_text(pieces[place:], left[name].pop(0))
        elif piece.tag == "select" and name in left:
            _choose(pieces[place:], left[name])


def _fill_input(piece: _Piece, values: list[str]) -> None:
    kind = piece.get("type") or "text"
    if kind in _BOXES:
        piece.set(checked=(piece.get("value") or "on") in values)
    elif kind == "hidden" and piece.get("name") != _VERSION:
        return
    elif kind == "file" and values:
        piece.raw = _as_text(piece, values.pop(0))
    elif kind not in _UNTOUCHED and values:
        piece.set(value=values.pop(0))


def _as_text(piece: _Piece, value: str) -> str:
    """A file that was sent comes back as its text: no page may fill in a browser's file."""
    named = f'id="{escape(piece.get("id"))}" name="{escape(piece.get("name"))}"'
    return f'<textarea class="input mono" rows="8" {named}>\n{escape(value)}</textarea>'


def _fill_text(pieces: list[_Piece], value: str) -> None:
    inside = pieces[1 : next(place for place, piece in enumerate(pieces) if piece.tag == "/textarea")]
    for piece in inside:
        piece.raw = ""
    pieces[0].raw += f"\n{escape(value)}"


def _choose(pieces: list[_Piece], values: list[str]) -> None:
    for place, piece in enumerate(pieces):
        if piece.tag == "/select":
            return
        if piece.tag == "option":
            value = piece.get("value") if piece.has("value") else pieces[place + 1].raw
            piece.set(selected=value in values)
