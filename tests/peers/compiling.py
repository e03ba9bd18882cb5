"""How do thousands of databases in one process keep from compiling the same statements again and again?"""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from keysteward.store import database


def compile_statements_once() -> None:
    """Let all databases of one kind share what SQLAlchemy compiled; it keeps that by engine and dialect object.

    A quarter of the time of tests that open a database of their own goes into compiling.
    """
    run = pytest.MonkeyPatch()
    run.setattr(DefaultDialect, "__eq__", _is_of_one_kind)
    run.setattr(DefaultDialect, "__hash__", _kind)
    run.setattr(database, "create_engine", partial(_engine, LRUCache(5_000)))


def _engine(compiled: LRUCache[Any, Any], *args: Any, **options: Any) -> Engine:  # noqa: ANN401 — as its original has it
    engine = create_engine(*args, **options)
    engine.update_execution_options(compiled_cache=compiled)
    return engine


def _is_of_one_kind(dialect: DefaultDialect, other: object) -> bool:
    return type(dialect) is type(other)


def _kind(dialect: DefaultDialect) -> int:
    return hash(type(dialect))
