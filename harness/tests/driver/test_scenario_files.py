# SPDX-License-Identifier: Apache-2.0
"""What every scenario of the project must be like."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Iterator

import pytest
from bootcheck.layout import Layout

LAYOUT = Layout.of_this_package()
LINES = 60
FILES = sorted(LAYOUT.scenarios.rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LAYOUT.scenarios)))
def test_scenarios_are_short_and_wait_for_events(path: Path) -> None:
    for function in functions(path):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= LINES, f"{path.name}:{function.lineno}: {function.name} has {length} lines"
    names = {node.id for node in ast.walk(ast.parse(path.read_text())) if type(node) is ast.Name}
    names |= {
        node.attr for node in ast.walk(ast.parse(path.read_text())) if type(node) is ast.Attribute
    }
    clocks = {"sleep", "monotonic", "perf_counter", "time_ns"}
    assert not names & clocks, "a scenario waits for an event or a bound, and has no own clock"


def test_all_scenarios_are_looked_at() -> None:
    assert len(FILES) > 20
