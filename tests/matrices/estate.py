"""Who asks in the matrices, for what, and when are two answers the same?"""

import json
import re
import time
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from keysteward.rules.accounts import ADMIN
from keysteward.rules.words import Environment
from keysteward.twin import cast
from keysteward.web.restapi.wording import plan_id
from tests.attacks.scene import UNKNOWN, App, Scene, seed_tokens, sign_in
from tests.attacks.wire import Reply, Wire
from tests.matrices.guards import LEAVING, SENT, Ask
from tests.twin.running import Place

SAM, ADA, DANA = "sam@northwind.example", "ada@northwind.example", "dana@fabrikam.example"
OLIVE = cast.OPERATOR.email
SCOPES = " ".join(cast.SCOPES)
_FRESH_SECONDS = 300  # half of what policy takes for a fresh sign-in
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?")
_UNREAD = re.compile(
    r'Notices(, )?</span>(<span class="count">[0-9+]+</span><span class="hidden-text"> unread</span>)?'
)
_MEASURED = re.compile(r"(?m)^(keysteward_\w+\{.*\}) \S+$")


@dataclass(frozen=True)
class Said:
    """An answer without what differs every time: ids, moments, traces, measures."""

    status: int
    location: str
    body: str


def same(reply: Reply) -> Said:
    """What two answers have in common when they are the same."""
    body = _UNREAD.sub("Notices", reply.body.decode(errors="replace"))
    body = _MEASURED.sub(r"\1 …", _MOMENT.sub("…", _GUID.sub("…", body)))
    return Said(reply.status, _GUID.sub("…", reply.location), body)


def is_refused(reply: Reply) -> bool:
    """Whether somebody is told to say first who they are; a page with 401 is about a wrong password."""
    is_page = "text/html" in reply.headers.get("Content-Type", "")
    return (reply.status == 401 and not is_page) or urlsplit(reply.location).path == "/signin"


class Estate:
    """A running twin, its people's sessions and tokens, and what the paths name."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._tokens: dict[str, str] = {}
        self._last_key = ""
        self._sessions: dict[str, tuple[str, float]] = {}

    @cached_property
    def app(self) -> App:
        """An app of Ada's that everybody here consented to."""
        return self.scene.app("Matrix", ("confidential_code",))

    def wire(self, environment: Environment) -> Wire:
        """One of the environments."""
        return self.scene.wire if environment == "demo" else self.scene.other_wire

    def place(self, environment: Environment) -> Place:
        """The same, with its variables."""
        return self.scene.demo if environment == "demo" else self.scene.production

    def ask(self, environment: Environment, ask: Ask, target: str, **headers: str) -> Reply:
        """Ask a route as a program or a page does: JSON for the one, a form of our own page for the other."""
        wire, sent, body = self.wire(environment), SENT.get(str(ask), ""), None
        if ask.method not in {"GET", "DELETE"}:
            is_json = ask.path.startswith("/api/")
            body = json.dumps(sent or {}).encode() if is_json else b""
            headers = {"Content_Type": "application/json"} | headers if is_json else headers
        query = sent if isinstance(sent, str) else ""
        return wire.ask(ask.method, target + query, body, Origin=wire.origin, **headers)

    def token_of(self, email: str) -> str:
        """An access token of demo, with every scope."""
        if email not in self._tokens:
            scene, app = self.scene, self.app
            scene.consent(app, SCOPES, email)
            code = scene.visit(scene.asking(app, scope=SCOPES), email).told["code"]
            self._tokens[email] = str(scene.redeem(code, app).said["access_token"])
        return self._tokens[email]

    def access_token(self, environment: Environment) -> str:
        """An access token for Ada, of either environment."""
        return str(seed_tokens(self.place(environment), self.wire(environment))["access_token"])

    def things_of(self, key: str) -> list[str]:
        """The ids of all that hangs on a key."""
        demo, path = self.scene.demo, f"/keys/{key}"
        found = [demo.get(f"{path}/{kind}")[kind] for kind in ("secrets", "keypairs", "reviews")]
        return [str(each["id"]) for things in found for each in things]

    def session_of(self, email: str) -> str:
        """A session of demo; another one where a route ended the last, or its sign-in is fresh no more."""
        cookie, since = self._sessions.get(email, ("", 0.0))
        is_fresh = bool(cookie) and time.monotonic() - since < _FRESH_SECONDS
        if not is_fresh or self.scene.wire.ask("GET", "/api/v1/me", Cookie=cookie).status == 401:
            cookie = sign_in(self.scene.wire, email)
            self._sessions[email] = cookie, time.monotonic()
        return cookie

    def token_id_of(self, email: str) -> str:
        """The id of a personal access token of somebody."""
        found = self.scene.wire.ask("GET", "/api/v1/personal-access-tokens", Cookie=self.session_of(email)).said
        return str(found["personal_access_tokens"][0]["id"])

    def new_key(self) -> str:
        """A key of Ada's account, for one test; that of the test before makes room."""
        demo, account = self.scene.demo, cast.TOWNS["demo"].account
        if self._last_key:
            demo.ask("DELETE", f"/keys/{self._last_key}")
        made = demo.make(f"/accounts/{account}/keys", {"name": "One route", "contact": "a@northwind.example"})
        self._last_key = str(made["key"])
        return self._last_key

    def target(self, environment: Environment, ask: Ask, **named: str) -> str:
        """The address of a route: what is there in this environment, but for what is named."""
        town = cast.TOWNS[environment]
        there = {
            "version": "v2.1", "account": town.account, "key": cast.TOOLBOX, "organization": town.organization,
            "user": str(cast.ada(environment).id), "profile": str(ADMIN.id), "plan": plan_id(town.plan), "id": UNKNOWN,
            "number": "999999999999999", "code": "no-polling", "place": "",
        }  # fmt: skip
        whom = LEAVING.get(str(ask))
        kept = {"user": whom} if whom and named.get("user") != UNKNOWN else {}
        return ask.path.format(**there | named | kept)
