"""What in a text is secret, and what is shown in its place?

A text is looked at as it came and as it means: without percent signs, escapes, entities, hexadecimal and base64, as
often as they were put around it. A secret in plain sight gives way alone; one that was wrapped takes its whole text
with it.
"""

import base64
import binascii
import html
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

OMITTED = "[omitted]"

_WORDS = (
    "access-code", "access-key", "api-key", "assertion", "authorization", "client-id", "code-verifier", "cookie",
    "credential", "encryption-key", "hmac-key", "integration-key", "integrator-key", "jwt", "pass-phrase", "passwd",
    "password", "private-key", "secret", "session", "shared-key", "signing-key", "token",
)  # fmt: skip
_PLAIN_WORDS = tuple(word.replace("-", "") for word in _WORDS)
_NAMES = frozenset(
    {"auth", "bearer", "docusigncredentials", "otp", "pin", "pwd", "security", "sid", "xdocusignauthentication"}
)
_HARMLESS = frozenset({"xdocusigntracetoken", "tracetoken"})
_STEMS = (
    "assertion",
    "auth",
    "code",
    "cookie",
    "cred",
    "jwt",
    "key",
    "id",
    "pass",
    "phrase",
    "pwd",
    "secret",
    "sess",
    "token",
)
_IN_TEXT = "|".join((*(word.replace("-", r"[\W_]?") for word in _WORDS if word != "token"), r"(?<!trace)token", "pwd"))
_NAMED = re.compile(rf"((?:{_IN_TEXT})[\w.-]{{0,40}}[\"'\]\\]{{0,9}}\s*[:=>]+\s*)([^\r\n]+)", re.IGNORECASE)
_BETWEEN = frozenset(":=>")
_SHAPES = (
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?:(?!-----END ).)*(?:-----END [A-Z0-9 ]*PRIVATE KEY-----)?",
    r"ey[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)*",
    r"ks[a-z]_[A-Za-z0-9_-]{16,}",
    r"(?i:\b(?:bearer|basic)\s+[\w.~+/=-]{6,})",
    r"0\x82..\x02\x01\x00",  # a private key as bytes (RFC 5958, RFC 8017)
)
_SECRET_BYTES = re.compile("|".join(_SHAPES), re.DOTALL)
_GUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
_WHOLE_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{11,}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_SPECIAL = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_URL_SAFE = str.maketrans("-_", "+/")
_MOST_LAYERS = 6
_MOST_VIEWS = 200
_LEAST_REMEMBERED = 8


def is_secret_name(name: str) -> bool:
    """Whether what goes by a name is secret whatever it is; the name may be wrapped too."""
    found = views(name)
    return found is None or any(_is_secret(re.sub(r"[^a-z0-9]", "", view.lower())) for view in found)


def _is_secret(plain: str) -> bool:
    return plain not in _HARMLESS and (plain in _NAMES or any(word in plain for word in _PLAIN_WORDS))


class Redactor:
    """Cleans the texts of one request and its answer.

    `secrets` are texts that are secret wherever they stand; a GUID among them in any of its forms. What it leaves out
    because of its name, it remembers in `taken`; the GUIDs that it meets it remembers in `guids`.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = (_pattern_of(secret) for secret in sorted(secrets, key=len, reverse=True))
        self._shapes = re.compile("|".join((*_SHAPES, *known)), re.DOTALL)
        self.taken: set[str] = set()
        self.guids: set[str] = set()

    def text(self, text: str) -> str:
        """A text without what is secret in it."""
        found = views(text)
        self.guids.update(_guid(each) for view in found or () for each in _GUID.findall(view))
        cleaned = self._plainly(text)
        left = found if cleaned == text else views(cleaned)
        if left is None or any(self._plainly(view) != view for view in left):
            return OMITTED
        return cleaned

    def value(self, name: str, text: str) -> str:
        """What goes by a name, without what is secret in it."""
        if not is_secret_name(name):
            return self.text(text)
        self.take(text)
        return OMITTED

    def take(self, text: str) -> None:
        """Remember a secret, wrapped and unwrapped, so that it shows nowhere else either."""
        self.text(text)
        meant = (view.strip() for view in views(text.strip()) or [text])
        self.taken.update(each for each in meant if len(each) >= _LEAST_REMEMBERED)

    def _plainly(self, text: str) -> str:
        cleaned = self._shapes.sub(OMITTED, text)
        return _without_named(cleaned) if _BETWEEN & set(cleaned) else cleaned


def _without_named(text: str) -> str:
    """A text without what stands behind a secret name in it, to the end of the line."""
    lowered = text.lower()
    return _NAMED.sub(rf"\1{OMITTED}", text) if any(stem in lowered for stem in _STEMS) else text


def _pattern_of(secret: str) -> str:
    """A GUID with or without dashes and in any letter case; anything else as it is."""
    if _WHOLE_GUID.fullmatch(secret.lower()):
        return "(?i:" + secret.replace("-", "-?") + ")"
    return re.escape(secret)


def _guid(text: str) -> str:
    digits = text.replace("-", "").lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


# ── what a text means ───────────────────────────────────────────────────────────────────────────────────────────────
def views(text: str) -> list[str] | None:
    """A text as it came and under every layer that can be taken off; None where there are more than anybody needs."""
    seen, fresh = {text: None}, [text]
    for _ in range(_MOST_LAYERS):
        fresh = [view for each in fresh for view in dict.fromkeys(_unwrapped(each)) if view not in seen]
        seen.update(dict.fromkeys(fresh))
        if not fresh:
            return list(seen)
        if len(seen) > _MOST_VIEWS:
            return None
    return None


def _unwrapped(text: str) -> Iterator[str]:
    """A text with one layer less, in each way that changes it."""
    if "%" in text:
        yield unquote(text, errors="replace")
    if "&" in text:
        yield html.unescape(text)
    if "\\" in text:
        yield _ESCAPE.sub(_unescaped, text)
    if "+" in text and "%" in text:
        yield text.replace("+", " ")
    packed = "".join(text.split())
    for run in dict.fromkeys((*_BASE64.findall(text), *_BASE64.findall(packed))):
        yield from _decoded(run)
    for run in _HEX.findall(packed):
        yield from _readable(bytes.fromhex(run))


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _SPECIAL.get(found[3], found[3])


def _decoded(run: str) -> Iterator[str]:
    """What a run of base64 says, from whichever of its first four characters it begins at."""
    plain = run.translate(_URL_SAFE)
    for start in range(4):
        part = plain[start:]
        part = part[: len(part) - 1] if len(part) % 4 == 1 else part
        try:
            yield from _readable(base64.b64decode(part + "=" * (-len(part) % 4)))
        except binascii.Error:
            continue


def _readable(content: bytes) -> Iterator[str]:
    """Bytes as text, where they are text, or where something secret shows in them."""
    if len(content) < _LEAST_REMEMBERED:
        return
    raw = content.decode("latin-1")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if all(character.isprintable() or character.isspace() for character in text):
        yield text
    if _SECRET_BYTES.search(raw):
        yield raw
