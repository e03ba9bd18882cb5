"""Does `keysteward review` judge files, and say so to people, pages and programs?"""

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from keysteward.cli import review_sources
from keysteward.cli.app import app
from tests.packs import ENVELOPES, a_document
from tests.rules.foreign_logs.logs import (
    ENVELOPE,
    START,
    access_line,
    access_log,
    archive,
    har,
    har_entry,
    times,
    twenty_request_logs,
)

KEY = "1e90a5e0-0000-4000-8000-000000000001"
GOOD = access_log(access_line(at) | {"key": KEY} for at in times(20))
BAD = GOOD + access_log(
    [access_line(START + timedelta(minutes=1), "GET", f"{ENVELOPE}?password=hunter2", 404) | {"key": KEY}]
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the logs are."""
    (tmp_path / "good.log").write_bytes(GOOD)
    (tmp_path / "bad.log").write_bytes(BAD)
    (tmp_path / "logs.zip").write_bytes(twenty_request_logs())
    return tmp_path


def review(*arguments: object, stdin: bytes | None = None) -> Result:
    """Run the command in a wide terminal."""
    return CliRunner().invoke(app, ["review", *map(str, arguments)], input=stdin, env={"COLUMNS": "200"})


def report(*arguments: object) -> dict[str, object]:
    """What the command says to programs."""
    found: dict[str, object] = json.loads(review("--json", *arguments).stdout)
    return found


def test_a_pass(folder: Path) -> None:
    """Status 0; the verdict, twenty cells, every rule with limit and observation, and what was read."""
    result = review(folder / "good.log")

    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "A review would pass. 20 of 20 calls in a row."
    assert lines[1].startswith("■" * 20 + "   ")
    assert lines[2] == f"Key {KEY}. Started at 2026-11-20 09:00:19.250 UTC. Policy version 1."
    assert re.search(r"No error among the newest 20 calls +0 errors +no error +met", result.stdout)
    assert "  good.log: access log, 20 calls" in lines


def test_a_failure(folder: Path) -> None:
    """Status 1; each finding with the call, its file and line, and the next step; no value of a query."""
    result = review(folder / "bad.log", "--at", "2026-11-20T10:00:00Z")

    assert (result.exit_code, result.stderr) == (1, "")
    assert "A review would fail. 0 of 20 calls in a row." in result.stdout
    assert f"GET {ENVELOPE}?password=…, 2026-11-20 09:01:00.250 UTC (bad.log, line 21)" in result.stdout
    assert "→ Mend the call, then make 20 good calls in a row." in result.stdout
    assert "hunter2" not in result.stdout


def test_docusigns_logs(folder: Path) -> None:
    """A ZIP without keys gets a provisional verdict, which says why; for CI it may count as a failure."""
    result = review(folder / "logs.zip")

    assert result.exit_code == 0
    assert (
        "A review would pass. 20 of 20 calls in a row. Provisional: these logs leave something open." in result.stdout
    )
    assert "  ! All calls are taken as one key's: their logs do not say which key made them." in result.stdout
    assert review("--strict", folder / "logs.zip").exit_code == 1
    assert review("--strict", folder / "good.log").exit_code == 0


def test_json(folder: Path) -> None:
    """A documented shape with a version, and nothing else on standard output."""
    said = report(folder / "bad.log")

    assert {name: said[name] for name in ("format", "version", "verdict", "provisional", "key", "run", "needed")} == {
        "format": "keysteward-review", "version": 1, "verdict": "failed", "provisional": False, "key": KEY, "run": 0,
        "needed": 20,
    }  # fmt: skip
    assert list(said) == [
        "format", "version", "verdict", "provisional", "key", "run", "needed", "starts_at", "policy", "files",
        "duplicates", "calls", "rules", "findings", "not_counted", "uncounted_calls", "not_said",
    ]  # fmt: skip


def test_a_page(folder: Path) -> None:
    """One file that asks for nothing elsewhere and runs nothing, with verdict, cells, findings and files in it."""
    result = review(folder / "bad.log", folder / "logs.zip", "--html", folder / "report.html")

    assert result.exit_code == 1
    page = (folder / "report.html").read_text()
    assert "<h1>A review would fail</h1>" in page
    assert page.count('<li class="') >= 20
    assert re.findall(r"<(?:script|link|img|iframe)|https?://|url\(", page) == []
    assert "hunter2" not in page


def test_a_page_takes_nothing_for_markup(tmp_path: Path) -> None:
    """What stands in a log is text, wherever it is shown."""
    nasty = "<script>alert(1)</script>"
    name = tmp_path / "<b>.log"
    name.write_bytes(access_log([access_line(START, "GET", f"{ENVELOPE}/{nasty}?{nasty}=1", 404)]))
    result = review(name, "--html", tmp_path / "report.html")

    assert result.exit_code == 1
    page = (tmp_path / "report.html").read_text()
    assert ("<script" in page, "<b>.log" in page) == (False, False)
    assert nasty in result.stdout


def test_several_files_and_standard_input(folder: Path) -> None:
    """Mixed, packed or not, with - for standard input; the same file twice is read once."""
    (folder / "same.log").write_bytes(GOOD)
    result = review(folder / "good.log", folder / "same.log", "-", stdin=har([har_entry(START)]))

    assert result.exit_code == 0
    assert "  standard input: HAR, 1 call" in result.stdout
    assert "  same.log: the same as another file, read once" in result.stdout


def test_a_policy_file(folder: Path) -> None:
    """The file that `keysteward policy` knows; a number that cannot be is refused."""
    (folder / "policy.toml").write_text("calls_needed = 30\n")
    (folder / "wrong.toml").write_text("calls_needed = 0\n")

    assert report("--policy", folder / "policy.toml", folder / "good.log")["needed"] == 30
    result = review("--policy", folder / "wrong.toml", folder / "good.log")
    assert result.exit_code == 2
    assert "calls_needed" in result.stderr


def test_a_rule_pack(folder: Path) -> None:
    """The rules of a pack are judged too; a pack whose examples do not hold is refused."""
    forbids = {"kind": "forbidden", "code": "no-sending", "operations": [ENVELOPES]}
    examples = [{"says": "Nothing.", "calls": [], "finds": ["calls-in-a-row"]}]
    (folder / "pack.json").write_text(json.dumps(a_document(forbids, examples=examples)))
    (folder / "wrong.json").write_text(json.dumps(a_document(forbids)))

    said = json.loads(review("--json", "--pack", folder / "pack.json", folder / "good.log").stdout)
    assert [finding["rule"] for finding in said["findings"]][:1] == ["envelopes/no-sending"]
    assert said["policy"]["packs"] == ["envelopes 1"]
    result = review("--pack", folder / "wrong.json", folder / "good.log")
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_bundle_is_verified_by_its_own_command(folder: Path) -> None:
    """`verify` is a word of its own; what is no bundle is refused by it, and not judged as a log."""
    assert "is no good bundle" in review("verify", folder / "good.log").stderr
    assert "FILE…" in review("files", "--help").stdout


def test_several_keys(folder: Path) -> None:
    """Whose calls to judge must be said; the keys are listed with how many calls each has."""
    other = KEY.replace("1e90", "2e90")
    (folder / "other.log").write_bytes(GOOD.replace(KEY.encode(), other.encode()))
    both = (folder / "good.log", folder / "other.log")

    result = review(*both)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{KEY} (20 calls)" in result.stderr
    assert review("--key", other, *both).exit_code == 0
    assert review("--key", "nobody", *both).exit_code == 2
    assert "No call of" in review("--key", KEY.replace("1e90", "3e90"), *both).stderr


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.log", b"", "empty.log: it is empty."),
        ("notes.txt", b"hello", "notes.txt: it is none of the logs that are known."),
        ("image.png", b"\x89PNG\0\0", "image.png: it is neither text nor a ZIP."),
        ("wide.log", "﻿{}".encode("utf-16"), "wide.log: it is UTF-16."),
        ("cut.zip", twenty_request_logs()[:500], "cut.zip: the ZIP is cut short or damaged."),
        ("empty.zip", archive({}), "empty.zip: it tells of no call."),
        ("app.log", b'{"level":"info"}\n', "app.log: it tells of no call."),
        (
            "edge.log",
            b'{"decision":"x","status":200}\n',
            "edge.log: its lines say how calls ended, and not which calls they were.",
        ),
        ("a.log", GOOD + b"garbage\n" + GOOD, "a.log, line 21: it is no JSON object."),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    """Status 2, the file and the place in it, and what to do; never a verdict."""
    (tmp_path / name).write_bytes(content)
    result = review(tmp_path / name)

    assert (result.exit_code, result.stdout) == (2, "")
    said = result.stderr.splitlines()
    assert said[0] == f"Not judged. {sentence}"
    assert said[1]


def test_wrong_use(folder: Path) -> None:
    """No such file, a folder, no instant, a page that cannot be written: status 2."""
    good = folder / "good.log"

    wrong: list[tuple[object, ...]] = [
        (folder / "none.log",),
        (folder,),
        ("--at", "yesterday", good),
        ("--html", folder / "no" / "where.html", good),
        ("--policy", folder / "none.toml", good),
        ("--policy", good, good),
        ("--nonsense", good),
    ]
    assert [review(*arguments).exit_code for arguments in wrong] == [2] * len(wrong)


def test_unreadable_lines_may_be_left_out(tmp_path: Path) -> None:
    """Then the verdict is provisional, and says how many they were."""
    (tmp_path / "a.log").write_bytes(b"garbage {\n" + GOOD)
    result = review("--skip-unreadable", tmp_path / "a.log")

    assert result.exit_code == 0
    assert "1 line or entry could not be read." in result.stdout


def test_standard_input_has_an_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written to a file of bounded size, for it is read twice."""
    monkeypatch.setattr(review_sources, "_MOST_STDIN_BYTES", 100)

    assert "it does not end" in review("-", stdin=GOOD).stderr


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_a_million_lines_within_bounded_memory(tmp_path: Path) -> None:
    """A long log takes no more memory than a short one."""
    line, log = json.dumps(access_line(START, "GET", "URL", 200)), tmp_path / "long.log"
    with log.open("w") as file:
        file.writelines(f"{line.replace('URL', f'{ENVELOPE}?n={number}')}\n" for number in range(1_000_000))
    program = (
        "import re, sys; from keysteward.cli.app import app\n"
        "try: app(['review', sys.argv[1]])\n"
        "finally: print(re.search('VmHWM: *\\t* *([0-9]+) kB', open('/proc/self/status').read())[1], file=sys.stderr)"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program, log], capture_output=True, text=True, check=False, timeout=1_100
    )
    assert "long.log: access log, 1,000,000 calls" in ended.stdout
    assert int(ended.stderr.split()[-1]) < 200_000
