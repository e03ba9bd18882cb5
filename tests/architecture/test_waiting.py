"""Does the event loop ever wait for the database? Whoever waits there makes everybody wait."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2] / "src" / "keysteward"
DOORS = [file for room in ("web", "gateway", "twin") for file in sorted((ROOT / room).rglob("*.py"))]


@cache
def functions_that_wait(module: str) -> frozenset[str]:
    """Find the functions of a module of deeds that open a transaction, themselves or through another of the module.

    A generator opens none before it is iterated, which Starlette does in a thread.
    """
    tree = ast.parse((ROOT / "actions" / f"{module}.py").read_text())
    bodies = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef) and not is_generator(node)}
    found = {name for name, body in bodies.items() if "ctx.database" in ast.unparse(body)}
    while more := {name for name, body in bodies.items() if name not in found and found & names_called(body)}:
        found |= more
    return frozenset(found)


def is_generator(body: ast.FunctionDef) -> bool:
    """Whether a function yields."""
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(body))


def names_called(body: ast.AST) -> set[str]:
    """Find what is called by its bare name."""
    calls = (node.func for node in ast.walk(body) if isinstance(node, ast.Call))
    return {called.id for called in calls if isinstance(called, ast.Name)}


def rooms_of_deeds(tree: ast.Module) -> dict[str, str]:
    """Find the modules of deeds that a file imports, by the names they go by there."""
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "keysteward.actions"]
    return {alias.asname or alias.name: alias.name for node in imports for alias in node.names}


def calls_on_the_loop(tree: ast.Module) -> list[ast.Call]:
    """Find what asynchronous functions call by themselves, and not hand to a thread in a function of its own."""
    found: list[ast.Call] = []
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)):
        inner = (node for node in ast.walk(function) if isinstance(node, ast.FunctionDef | ast.Lambda))
        elsewhere = {id(node) for each in inner for node in ast.walk(each)}
        found += [node for node in ast.walk(function) if isinstance(node, ast.Call) and id(node) not in elsewhere]
    return found


def deeds_on_the_loop(file: Path) -> list[str]:
    """Find the deeds that a file does on the event loop, though they wait for the database."""
    tree = ast.parse(file.read_text())
    rooms = rooms_of_deeds(tree)
    called = [
        (rooms[call.func.value.id], call.func.attr, call.lineno)
        for call in calls_on_the_loop(tree)
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in rooms
    ]
    return [
        f"{file.relative_to(ROOT)}:{line} {deed}" for room, deed, line in called if deed in functions_that_wait(room)
    ]


def test_no_door_waits_for_the_database_on_the_event_loop() -> None:
    """A deed that opens a transaction runs in a thread, whichever door asks it."""
    assert [found for door in DOORS for found in deeds_on_the_loop(door)] == []
