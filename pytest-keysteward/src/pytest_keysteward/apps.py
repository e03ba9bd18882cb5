"""How does a test get an app of its own? Through the API and the pages that everybody uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from pytest_keysteward.twin import Twin

REDIRECT_URI = "http://localhost:3000/callback"
JWT_SCOPES = ("signature", "impersonation")

_CODES = frozenset({"confidential_code", "public_code"})
_AT_CREATION = ("contact", "integration_type")


@dataclass(frozen=True)
class App:
    """An app in demo. `environ` is what a client program needs: the twin's `dev.env`, with this app in it.

    What the app has not is None here, and missing there.
    """

    key: str
    name: str
    secret: str | None = field(repr=False)
    private_key_file: Path | None
    environ: Mapping[str, str] = field(repr=False)


class AppFactory:
    """Makes apps in demo, in the default account of the user that `dev.env` names."""

    def __init__(self, twin: Twin, folder: Path) -> None:
        self._twin = twin
        self._folder = folder
        self._numbers = count(1)

    def __call__(
        self,
        *,
        grants: Sequence[str] = ("confidential_code", "jwt"),
        redirect_uris: Sequence[str] = (REDIRECT_URI,),
        consent: Sequence[str] = JWT_SCOPES,
        secret: bool = True,
        keypair: bool = True,
        **settings: object,
    ) -> App:
        """Make an app. The user consents to the scopes of `consent`; where there is none nobody is asked.

        Further settings have the names of the API: `name`, `contact`, `integration_type`, `pkce_required`,
        `privacy_url`, `terms_url`.
        """
        name = str(settings.pop("name", f"App {next(self._numbers)} of a test"))
        for_consent = {"confidential_code"} if consent and not _CODES & {*grants} else frozenset[str]()
        key = self._create(name, {*grants, *for_consent}, settings)
        for uri in redirect_uris:
            self._twin.demo.post(f"/api/v1/keys/{key}/redirect-uris", {"uri": uri})
        value = self._secret(key) if secret else None
        private_key_file = self._keypair(key) if keypair else None
        if consent:
            self._consent(key, redirect_uris, tuple(consent))
        changed = settings | ({"grants": sorted(grants)} if for_consent else {})
        if changed:
            self._twin.demo.ask("PATCH", f"/api/v1/keys/{key}", changed)
        said = {
            "DS_INTEGRATION_KEY": key,
            "DS_SECRET_KEY": value,
            "DS_PRIVATE_KEY_FILE": None if private_key_file is None else str(private_key_file),
            "DS_REDIRECT_URI": next(iter(redirect_uris), None),
        }
        return App(key, name, value, private_key_file, self._environ(said))

    def _create(self, name: str, grants: set[str], settings: dict[str, object]) -> str:
        """The new key. Settings that only a creation takes are taken out of the others."""
        first = {each: settings.pop(each) for each in _AT_CREATION if each in settings}
        made = {"name": name, "contact": self._twin.environ["DS_LOGIN_EMAIL"], "grants": sorted(grants), **first}
        accounts = self._twin.demo.get("/api/v1/me")["accounts"]
        account = next(each["id"] for each in accounts if each["is_default"])
        return str(self._twin.demo.post(f"/api/v1/accounts/{account}/keys", made)["key"])

    def _secret(self, key: str) -> str:
        return str(self._twin.demo.post(f"/api/v1/keys/{key}/secrets")["value"])

    def _keypair(self, key: str) -> Path:
        file = self._folder / f"{key}.pem"
        file.touch(mode=0o600)
        file.write_text(self._twin.demo.post(f"/api/v1/keys/{key}/keypairs")["private_key"])
        return file

    def _consent(self, key: str, redirect_uris: Sequence[str], scopes: tuple[str, ...]) -> None:
        """Consent is given on the way of a code, so an app without that grant has it for the moment."""
        if not redirect_uris:
            raise ValueError("consent needs a redirect URI: name one, or leave consent out with consent=()")
        self._twin.person().allow(key, redirect_uris[0], scopes)

    def _environ(self, said: Mapping[str, str | None]) -> dict[str, str]:
        usual = {name: value for name, value in self._twin.environ.items() if name not in said}
        return usual | {name: value for name, value in said.items() if value is not None}
