"""Do the documents on declared twins say what is so?"""

import json
import os
import re
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from keysteward.twin.declared import (
    reference,
    shapes,
    shapes_apps,
    shapes_custody,
    shapes_programs,
    shapes_ways_back,
)
from keysteward.twin.declared.fields import Shape
from tests.cast import Town
from tests.twin.declaring import (
    ACCOUNT,
    ADA,
    APP,
    GUIDE,
    Full,
    app_in,
    apply,
    example,
    exported,
    mistaken,
    read_text,
    snapshots,
)
from tests.twin.running import COMMAND

REFERENCE = GUIDE.parents[1] / "reference"


def test_the_reference_is_printed_from_the_shapes() -> None:
    """Page and JSON Schema are what `python -m keysteward.twin.declared.reference docs/reference` writes."""
    assert (REFERENCE / reference.PAGE).read_text() == reference.page()
    assert json.loads((REFERENCE / reference.SCHEMA).read_text()) == reference.schema()


def test_the_reference_names_every_table() -> None:
    """Each shape has its section, and every link of the page leads to one."""
    page = reference.page()
    headings = {reference.anchor(heading) for heading in re.findall(r"^## (.*)$", page, re.MULTILINE)}
    modules = (shapes, shapes_apps, shapes_custody, shapes_programs, shapes_ways_back)
    said = (each for module in modules for each in vars(module).items())
    tables = {name for name, kind in said if isinstance(kind, type) and issubclass(kind, Shape)}

    assert set(re.findall(r"\]\(#([^)]*)\)", page)) <= headings
    assert len(headings) == len(tables - {"Shape"}) + 1  # and the section on moments


def test_an_example_makes_the_twin_it_shows(empty: Town, full: Full, tmp_path: Path) -> None:
    """Both examples of the guide can be applied as they stand there."""
    apply(empty, tmp_path, example("small.toml"))

    for town in (empty, full.town):
        assert app_in(snapshots(town)[0]).app.name == "Lease signer"
        assert json.loads(exported(town))["demo"]["apps"]


def test_the_lines_for_ci_run(tmp_path: Path) -> None:
    """Copied out of the guide, they start the small example, wait for it, run the program and stop the twin."""
    (tmp_path / "small.toml").write_text(example("small.toml"))
    (tmp_path / "program.py").write_text(_block("python", "import json"))
    process = subprocess.Popen(
        ["sh", "-e", "-c", f"{_block('sh', 'keysteward dev --data twin')}\nwait"],
        env=os.environ | {"PATH": f"{COMMAND.parent}:{os.environ['PATH']}"},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    assert "Lease signer lease-signer-secret-for-tests -----BEGIN RSA PRIVATE KEY-----\n" in said
    assert json.loads((tmp_path / "twin" / "ready.json").read_text())["state"] == "stopped"


def _block(language: str, beginning: str) -> str:
    found = re.search(rf"```{language}\n({beginning}.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found, beginning
    return found[1]


def test_mistakes_are_told_as_the_guide_shows(tmp_path: Path) -> None:
    """The lines of the guide are what such a file is told."""
    shown = re.findall(r"^  (demo\..*)$", GUIDE.read_text(), re.MULTILINE)
    wrong = 'reviews = [{ verdict = "failed" }, { verdict = "good" }]\n'

    with mistaken(*shown):
        read_text(tmp_path, f"{ACCOUNT}{ADA}membership = []\n{APP}{wrong}")
