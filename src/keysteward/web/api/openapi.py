"""How is our own API described to programs? As OpenAPI 3.1, made from the list of operations."""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import get_name

from keysteward.rules.refusals import (
    CONFLICT,
    CROSS_SITE,
    DOUBLED_PARAMETER,
    FAILED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    MALFORMED,
    MISSING_PARAMETER,
    NO_ROUTE,
    NOT_A_GATEWAY,
    NOT_SIGNED_IN,
    SESSION_NEEDED,
    TOO_LARGE,
    WRONG_HOST,
    WRONG_METHOD,
    WRONG_TYPE,
    Kind,
)
from keysteward.web.api.shapes import ACCOUNT, ENTITY_TAG, GUID, IDEMPOTENCY_KEY, Problem

Json = dict[str, Any]
Asker = Literal["anybody", "person or token", "person", "gateway"]
Endpoint = Callable[[Request], Awaitable[Response]]

_SCHEMAS = "#/components/schemas/"
_PATH_PARAMETERS = {
    "account": ("The account, by GUID or number.", ACCOUNT),
    "key": ("The integration key.", GUID),
    "organization": ("The organization, by GUID.", GUID),
    "id": ("The id, as the list has it.", GUID),
    "user": ("The user, by GUID.", GUID),
    "profile": ("The number of the permission profile.", "[0-9]{1,9}"),
    "number": ("The number, as the list has it.", "[0-9]{1,15}"),
}
_ANSWER_HEADERS = {
    "ETag": "The version of what is shown, for `If-Match`.",
    "Location": "Where the new thing is.",
    "Allow": "The methods of this address.",
    "WWW-Authenticate": "How to say who asks.",
}
_DESCRIPTION = """\
Integration keys from their creation to production: what the console does, for programs.

Sign in with a personal access token (`kst_…`), made with a console session, as a Bearer token; an access token
that was issued to an integration key is refused. Refusals are problem documents (RFC 9457): `code` says which,
`detail` what to do next. A method that an address does not list is answered 405 with `Allow`."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that a query may say: its name, what it means, and which form it has."""

    name: str
    says: str
    pattern: str


def removing(name: str) -> Parameter:
    """The query parameter that says what a DELETE removes."""
    return Parameter(name, "Which one to remove.", "[!-~]+")


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of one path does, takes, answers and refuses.

    `once` takes an `Idempotency-Key`, `versioned` an `If-Match`; `query` is the one query parameter that it needs;
    where it takes `many`, body and answer are lists of at most so many. `media` is the type of its body: NDJSON has one
    such shape to a line. `may_say` is what its query may say, and `download` the type of an answer that is no JSON.
    """

    method: str
    path: str
    summary: str
    endpoint: Endpoint
    answer: type[msgspec.Struct] | None = None
    status: int = 200
    body: type[msgspec.Struct] | None = None
    refusals: tuple[Kind, ...] = ()
    asker: Asker = "person or token"
    headers: tuple[str, ...] = ()
    once: bool = False
    versioned: bool = False
    query: Parameter | None = None
    many: int = 0
    media: str = "application/json"
    may_say: tuple[Parameter, ...] = ()
    download: str = ""

    @property
    def name(self) -> str:
        """Its endpoint's name, which no other operation has."""
        return get_name(self.endpoint)

    def kinds(self) -> list[Kind]:
        """Every way in which it says no."""
        writes, has_input = self.method != "GET", self.body or self.once or self.versioned
        conditions = (
            (True, (WRONG_HOST, FAILED)),
            (self.asker not in {"anybody", "gateway"}, (NOT_SIGNED_IN,)),
            (self.asker == "gateway", (NOT_A_GATEWAY,)),
            (self.asker == "person", (SESSION_NEEDED,)),
            (writes, (CROSS_SITE,)),
            ("{" in self.path, (NO_ROUTE,)),
            (has_input, (MALFORMED,)),
            (self.body, (TOO_LARGE, WRONG_TYPE)),
            (self.query, (MISSING_PARAMETER, DOUBLED_PARAMETER)),
            (self.once, (IDEMPOTENCY_KEY_IN_USE, IDEMPOTENCY_KEY_REUSED)),
            (self.versioned, (CONFLICT,)),
        )
        return [*self.refusals, *(kind for applies, kinds in conditions if applies for kind in kinds)]


def describe(operations: Iterable[Operation], origin: str, environment: str) -> Json:
    """The whole document of one environment."""
    listed = tuple(operations)
    paths: dict[str, Json] = defaultdict(dict)
    for operation in listed:
        paths[operation.path][operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Keysteward, {environment}", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": origin}],
        "paths": paths,
        "components": {
            "schemas": _schemas(listed),
            "responses": {"MethodNotAllowed": _refused([WRONG_METHOD]) | {"headers": _headers(("Allow",))}},
            "securitySchemes": {
                "personalAccessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "kst_…"},
                "ingestCredential": {"type": "http", "scheme": "bearer", "bearerFormat": "ksg_…"},
                "consoleSession": {"type": "apiKey", "in": "cookie", "name": f"__Host-ks-{environment}"},
            },
        },
    }


def _operation(operation: Operation) -> Json:
    described: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "security": _security(operation.asker),
        "parameters": _parameters(operation),
        "responses": {str(operation.status): _answered(operation), **_refusals(operation.kinds())},
    }
    if operation.body is not None:
        schema = _schema(operation.body, operation.many)
        is_needed = operation.many > 0 or any(field.required for field in msgspec.structs.fields(operation.body))
        described["requestBody"] = {"required": is_needed, "content": {operation.media: {"schema": schema}}}
    return described


def _schema(shape: type[msgspec.Struct], many: int) -> Json:
    schema = {"$ref": _SCHEMAS + shape.__name__}
    return {"type": "array", "items": schema, "minItems": 1, "maxItems": many} if many else schema


def _security(asker: Asker) -> list[Json]:
    session: Json = {"consoleSession": []}
    schemes: dict[Asker, list[Json]] = {
        "anybody": [], "gateway": [{"ingestCredential": []}], "person": [session],
        "person or token": [{"personalAccessToken": []}, session],
    }  # fmt: skip
    return schemes[asker]


def _parameters(operation: Operation) -> list[Json]:
    found = [_parameter("path", name, *_PATH_PARAMETERS[name]) for name in re.findall(r"{(\w+)}", operation.path)]
    if operation.query:
        found.append(_parameter("query", operation.query.name, operation.query.says, operation.query.pattern))
    found += [_parameter("query", each.name, each.says, each.pattern, needed=False) for each in operation.may_say]
    if operation.once:
        described = "Sent again within 24 hours with the same request, it is answered the same and happens once."
        found.append(_parameter("header", "Idempotency-Key", described, IDEMPOTENCY_KEY, needed=False))
    if operation.versioned:
        described = "The ETag of what the change was made from."
        found.append(_parameter("header", "If-Match", described, ENTITY_TAG, needed=False))
    return found


def _parameter(place: str, name: str, description: str, pattern: str, *, needed: bool = True) -> Json:
    schema = {"type": "string", "pattern": f"^{pattern}$"}
    return {"in": place, "name": name, "description": description, "required": needed, "schema": schema}


def _answered(operation: Operation) -> Json:
    described: Json = {"description": operation.answer.__doc__ if operation.answer else "Done."}
    if operation.headers:
        described["headers"] = _headers(operation.headers)
    if operation.answer is not None:
        schema = _schema(operation.answer, operation.many)
        described["content"] = {"application/json": {"schema": schema}}
    if operation.download:
        described["description"] = "A file, as it is made."
        described["content"] = {operation.download: {"schema": {"type": "string"}}}
    return described


def _headers(names: Iterable[str]) -> Json:
    return {
        name: {"description": _ANSWER_HEADERS[name], "required": True, "schema": {"type": "string"}} for name in names
    }


def _refusals(kinds: Iterable[Kind]) -> Json:
    by_status: dict[int, list[Kind]] = defaultdict(list)
    for kind in kinds:
        by_status[kind.status].append(kind)
    return {str(status): _refused(by_status[status]) for status in sorted(by_status)}


def _refused(kinds: list[Kind]) -> Json:
    codes = {"properties": {"code": {"enum": [kind.code for kind in kinds]}, "status": {"const": kinds[0].status}}}
    described: Json = {
        "description": " ".join(f"`{kind.code}`: {kind.sentence}" for kind in kinds),
        "content": {"application/problem+json": {"schema": {"allOf": [{"$ref": _SCHEMAS + "Problem"}, codes]}}},
    }
    return described | ({"headers": _headers(("WWW-Authenticate",))} if kinds[0].status == 401 else {})


def _schemas(operations: Iterable[Operation]) -> Json:
    shapes: set[type[msgspec.Struct]] = {Problem}
    shapes.update(shape for each in operations for shape in (each.body, each.answer) if shape is not None)
    ordered = sorted(shapes, key=lambda shape: shape.__name__)
    found: Json = _portable(msgspec.json.schema_components(ordered, ref_template=_SCHEMAS + "{name}")[1])
    return found


def _portable(schema: Any) -> Any:  # noqa: ANN401 — a schema nests all that JSON has
    """The same schema with patterns that end as JSON Schema ends them, not as Python does."""
    if isinstance(schema, list):
        return [_portable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: _portable(part) for name, part in schema.items()}
    pattern = parts.get("pattern")
    return parts | {"pattern": pattern.replace(r"\Z", "$")} if isinstance(pattern, str) else parts
