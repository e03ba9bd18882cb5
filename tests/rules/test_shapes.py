"""May many threads read a shape for the first time at once?"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/keysteward"
READING_ALONE = {SOURCE / "cli", SOURCE / "twin/declared"}
SERVING = [
    file.relative_to(SOURCE)
    for file in sorted(SOURCE.rglob("*.py"))
    if READING_ALONE.isdisjoint(file.parents) and "msgspec" in file.read_text()
]

THREADS = """
import sys, threading
import msgspec
from keysteward.rules.packs import Pack
from keysteward.rules.shapes import known
from tests.packs import a_document

def read():
    together.wait()
    read_by.append(msgspec.convert(a_document(), known(Pack)).name)

sys.setswitchinterval(1e-6)
together, read_by = threading.Barrier(32), []
threads = [threading.Thread(target=read) for _ in range(32)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(read_by))
"""


def test_a_shape_is_made_known_by_one_thread() -> None:
    """Of 32 threads that switch as often as can be, all read it, and the process lives."""
    ended = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, check=False, text=True, timeout=60)

    assert (ended.returncode, ended.stdout) == (0, "32\n"), ended.stderr


@pytest.mark.parametrize("file", SERVING, ids=str)
def test_every_shape_that_threads_may_read_is_made_known(file: Path) -> None:
    """Commands read alone; whatever else turns JSON into a shape of ours names it through `known`."""
    unknown = [
        f"line {call.lineno}: {ast.unparse(shape)}"
        for call in ast.walk(ast.parse((SOURCE / file).read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        for shape in (
            *(call.args[1:] if call.func.attr == "convert" else ()),
            *(each.value for each in call.keywords if each.arg == "type" and call.func.attr == "decode"),
        )
        if isinstance(shape, ast.Name | ast.Attribute) and ast.unparse(shape) not in ("bytes", "datetime")
    ]

    assert not unknown
