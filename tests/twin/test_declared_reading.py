"""Is a file read as it was meant, and is every mistake of its shape named by its path?"""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.twin.declared import shapes, shapes_apps
from keysteward.twin.declared.reading import Declared, read
from keysteward.twin.declared.written import written
from tests.twin.declaring import SMALL, example, mistaken


def read_file(folder: Path, text: str, name: str = "twin.toml") -> Declared:
    """What a file of this text declares."""
    (folder / name).write_text(text)
    return read(folder / name)


def test_json_and_toml_say_the_same(tmp_path: Path) -> None:
    """The same tables in either form are the same declaration, with the same digest."""
    text = example("full.toml")

    in_toml = read_file(tmp_path, text)
    in_json = read_file(tmp_path, json.dumps(tomllib.loads(text)), "twin.json")

    assert in_json.declaration == in_toml.declaration
    assert in_json.digest == in_toml.digest


def test_the_digest_is_of_what_a_file_says(tmp_path: Path) -> None:
    """Comments, layout, order of fields and the note may change; nothing else may."""
    digest = read_file(tmp_path, '[[demo.users]]\nemail = "ada@acme.example"\nlast_name = "Admin"').digest

    relaid = read_file(
        tmp_path, 'note="x"\n# who\n[demo]\nusers=[{last_name="Admin", email="ada@acme.example"}]'
    ).digest
    changed = read_file(tmp_path, '[[demo.users]]\nemail = "ada@acme.example"\nlast_name = "Other"').digest

    assert relaid == digest
    assert changed != digest


def test_an_empty_file_declares_an_empty_twin(tmp_path: Path) -> None:
    """Nothing needs to be said."""
    assert read_file(tmp_path, "").declaration == shapes.Declaration()
    assert read_file(tmp_path, "{}", "twin.json").declaration == shapes.Declaration()


def test_a_date_of_toml_is_a_moment(tmp_path: Path) -> None:
    """TOML's own dates need no quotes."""
    declared = read_file(tmp_path, '[[demo.accounts]]\nname = "Acme"\ncreated = 2026-11-20T09:30:00Z')

    assert declared.declaration.demo.accounts[0].created == "2026-11-20T09:30:00+00:00"


SHAPES = [
    ("[demo]\nteams = []", "demo.teams: there is no such field; remove it."),
    ("[[demo.user]]", "demo.user: there is no such field; did you mean users?"),
    ("[staging]", "staging: there is no such field; remove it."),
    ("[[demo.users]]", "demo.users[0].email: say it."),
    ("demo = 3", "demo: give a table, not a whole number."),
    ("[demo]\nusers = {}", "demo.users: give a list, not a table."),
    ("[demo]\nusers = ['ada']", "demo.users[0]: give a table, not text."),
    ("clock = {offset_seconds = 'x'}", "clock.offset_seconds: give a number, not text."),
    (
        "[[demo.apps]]\nname = 'A'\nredirect_uri = []",
        "demo.apps[0].redirect_uri: there is no such field; did you mean redirect_uris?",
    ),
    ("[[demo.apps]]\nname = 'A'\nredirect_uris = [3]", "demo.apps[0].redirect_uris[0]: give text, not a whole number."),
    (
        "[[demo.apps]]\nname = 'A'\nsecrets = [{vaule = 'x'}]",
        "demo.apps[0].secrets[0].vaule: there is no such field; did you mean value?",
    ),
    ("[[demo.apps]]\nname = 'A'\nsecrets = [3]", "demo.apps[0].secrets[0]: give text or a table, not a whole number."),
    (
        "[[demo.apps]]\nname = 'A'\ngrants = ['password']",
        "demo.apps[0].grants[0]: choose among confidential_code, implicit, jwt, public_code.",
    ),
    ("[[demo.apps]]\nname = 'A'\nreview = 'pass'", "demo.apps[0].review: choose among failed, live, none, passed."),
    ("[[demo.apps]]\nname = 'A'\nstopped = 3", "demo.apps[0].stopped: give true or false or text, not a whole number."),
    ("[[demo.apps]]\nname = 'A'\ncalls = [{count = 0}]", "demo.apps[0].calls[0].count: give 1 or more."),
    ("[[demo.apps]]\nname = 'A'\ncalls = [{status = 600}]", "demo.apps[0].calls[0].status: give 599 or less."),
    (
        "[[production.apps]]\nkey = 'A'\nreview = 'live'",
        "production.apps[0].review: there is no such field; remove it.",
    ),
    (
        "[[production.transfers]]\napp = 'A'\nto = 'B'\nended = 'lost'",
        "production.transfers[0].ended: choose among cancelled, expired, moved, vetoed.",
    ),
    ("[[demo.transfers]]\napp = 'A'\nto = 'B'", "demo.transfers: there is no such field; remove it."),
]


@pytest.mark.parametrize(("text", "expected"), SHAPES, ids=[text for text, _ in SHAPES])
def test_a_wrong_shape_is_named_by_its_path(tmp_path: Path, text: str, expected: str) -> None:
    """The path leads to the field, and the sentence says what would do."""
    with mistaken(expected):
        read_file(tmp_path, text)


def test_every_entry_is_looked_at(tmp_path: Path) -> None:
    """One file with a mistake in each of several entries names them all at once."""
    with mistaken(
        "demo.users[0].emial: there is no such field; did you mean email?",
        "demo.users[2].email: give text, not a whole number.",
        "demo.apps[0].name: say it.",
        "production.accounts[0].state: choose among closed, open, suspended.",
        "note: give text, not a whole number.",
    ):
        read_file(
            tmp_path,
            "note = 3\n"
            "[[demo.users]]\nemial = 'a'\n[[demo.users]]\nemail = 'b'\n[[demo.users]]\nemail = 3\n"
            "[[demo.apps]]\n[[production.accounts]]\nname = 'A'\nstate = 'shut'\n",
        )


FILES = [
    ("twin.yaml", b"", "give it a name that ends in .toml or .json."),
    ("twin.toml", b"a = ", "it is not TOML: Invalid value (at end of document)."),
    ("twin.json", b"{\n  3}", "it is not JSON: Expecting property name enclosed in double quotes in line 2, column 3."),
    ("twin.json", b'"\xff"', "it is not UTF-8 text."),
    ("twin.json", b"[" * 100_000, "it is nested too deeply."),
]


@pytest.mark.parametrize(("name", "content", "sentence"), FILES, ids=[sentence for *_, sentence in FILES])
def test_what_is_no_such_file_is_told_why(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    """A file that cannot be taken apart is named, with the place where that shows."""
    (tmp_path / name).write_bytes(content)
    with mistaken(f"{name}: {sentence}"):
        read(tmp_path / name)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """It is named."""
    with mistaken("missing.toml: it cannot be read: No such file or directory."):
        read(tmp_path / "missing.toml")


def test_json_is_a_table_whose_fields_stand_once(tmp_path: Path) -> None:
    """A list at the top and a doubled field are mistakes, not guesses."""
    with mistaken("the file: give a table, not a list."):
        read_file(tmp_path, "[]", "twin.json")
    with mistaken("demo: this field stands twice in one table; keep one of them."):
        read_file(tmp_path, '{"demo": {}, "demo": {}}', "twin.json")


@given(st.text(max_size=20), st.floats(allow_nan=False, allow_infinity=False), st.booleans())
def test_what_is_written_as_toml_is_read_as_it_was(text: str, number: float, yes: bool) -> None:
    """Any text, with quotes, controls and letters of all scripts, and any number come back from TOML."""
    declaration = shapes.Declaration(
        note=text,
        clock=shapes.Clock(offset_seconds=number),
        demo=shapes.Demo(
            organizations=[shapes.Organization(name=text, domains=[text, shapes.Domain(name=text, state="lapsed")])],
            apps=[
                shapes_apps.DemoApp(
                    name=text, pkce_required=yes, secrets=[shapes_apps.Secret(value=text), shapes_apps.Secret()]
                )
            ],
        ),
    )

    in_toml = tomllib.loads(written(declaration, Path("twin.toml")))
    in_json = json.loads(written(declaration, Path("twin.json")))

    assert in_toml == in_json


def test_what_goes_without_saying_is_not_written() -> None:
    """A written file has no field that says what leaving it out says."""
    declaration = shapes.Declaration(
        demo=shapes.Demo(apps=[shapes_apps.DemoApp(name="A", grants=["confidential_code", "jwt"])])
    )

    assert json.loads(written(declaration, Path("twin.json"))) == {"demo": {"apps": [{"name": "A"}]}}


def test_the_small_example_is_small() -> None:
    """An account, a user and an app fit into ten lines."""
    assert len([line for line in SMALL.splitlines() if line]) <= 10
