# SPDX-License-Identifier: Apache-2.0
"""All scenarios of the project, read without pytest: for what explains them, not for runs."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from dataclasses import dataclass
from pathlib import Path

from bootcheck.layout import Layout
from bootcheck.scenario import Scenario, ScenarioError


@dataclass(frozen=True)
class Filed:
    """A scenario and the file that it is in, relative to the project."""

    file: str
    scenario: Scenario

    @property
    def id(self) -> str:
        """As in node ids, without a variant."""
        return f"{self.file}::{self.scenario.name}"


def load_scenarios(layout: Layout) -> list[Filed]:
    """All scenarios in the order of their files. Raises ScenarioError."""
    found: list[Filed] = []
    for path in sorted(layout.scenarios.rglob("*.py")):
        if path.name.startswith(("_", ".")):
            continue
        file = path.relative_to(layout.root).as_posix()
        found += [Filed(file, scenario) for scenario in _in_file(path, file)]
    return found


def _in_file(path: Path, file: str) -> list[Scenario]:
    name = "bootcheck_inventory." + file.removesuffix(".py").replace("/", ".")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ScenarioError as problem:
        raise ScenarioError(f"{path}: {problem}") from None
    except Exception as problem:
        raise ScenarioError(f"{path} cannot be read: {type(problem).__name__}: {problem}") from None
    finally:
        del sys.modules[name]
    scenarios = []
    for value in vars(module).values():
        scenario = getattr(value, "scenario", None)
        if inspect.isfunction(value) and value.__module__ == name:
            if isinstance(scenario, Scenario):
                scenarios.append(scenario)
    return scenarios
