# SPDX-License-Identifier: Apache-2.0
"""How scenario files become pytest items: one item a variant, `file::name[1.1-psk-tlv]`."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Iterator

import pytest

from bootcheck.scenario import Scenario, ScenarioError, Variant


class ScenarioItem(pytest.Item):
    """A variant of a scenario. Items are not run one by one: see execution.py."""

    scenario: Scenario
    variant: Variant

    @classmethod
    def make(cls, parent: "ScenarioFile", scenario: Scenario, variant: Variant) -> "ScenarioItem":
        name = f"{scenario.name}[{variant.id}]"
        item: ScenarioItem = cls.from_parent(parent, name=name)  # type: ignore[no-untyped-call]
        item.scenario = scenario
        item.variant = variant
        if scenario.slow:
            item.add_marker(pytest.mark.slow)
        item.extra_keyword_matches.update(scenario.requirements)
        item.extra_keyword_matches.update((variant.edition, variant.security))
        item.extra_keyword_matches.update(scenario.official.get(variant.edition, "").split())
        return item

    @property
    def file(self) -> str:
        """The scenario file as in the node id."""
        return self.nodeid.partition("::")[0]

    def runtest(self) -> None:
        raise NotImplementedError("scenarios run in lanes")

    def reportinfo(self) -> tuple[Path, int | None, str]:
        line = inspect.unwrap(self.scenario.function).__code__.co_firstlineno
        return self.path, line - 1, self.name


class ScenarioFile(pytest.Module):
    """A file of scenarios. What is neither a scenario nor private nor imported is an error."""

    def collect(self) -> Iterator[ScenarioItem]:  # type: ignore[override]
        try:
            module = self.obj
        except ScenarioError as problem:
            raise self.CollectError(f"{self.path}: {problem}") from None
        self._refuse_duplicates()
        for name, value in vars(module).items():
            scenario = getattr(value, "scenario", None)
            if isinstance(scenario, Scenario) and value.__module__ == module.__name__:
                if scenario.name != name:
                    raise self.CollectError(
                        f"{self.path}: scenario {scenario.name} is also called {name}:"
                        " drop one name"
                    )
                for variant in scenario.variants():
                    yield ScenarioItem.make(self, scenario, variant)
            elif self._is_stray(name, value, module.__name__):
                raise self.CollectError(
                    f"{self.path}: {name} is a public function but no scenario: mark it with"
                    f" @scenario, or call it _{name}"
                )

    @staticmethod
    def _is_stray(name: str, value: object, module_name: str) -> bool:
        return (
            inspect.isfunction(value)
            and value.__module__ == module_name
            and not name.startswith("_")
        )

    def _refuse_duplicates(self) -> None:
        """A second `def` of a name would hide the first one silently."""
        seen: dict[str, int] = {}
        for node in ast.parse(self.path.read_bytes()).body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if node.name in seen:
                    raise self.CollectError(
                        f"{self.path}:{node.lineno}: {node.name} is defined a second time"
                        f" (first in line {seen[node.name]}): choose another name"
                    )
                seen[node.name] = node.lineno


def same_names(items: list[ScenarioItem]) -> list[str]:
    """One text for each scenario name that two files have: lanes and reports go by these names."""
    files: dict[str, set[str]] = {}
    for item in items:
        files.setdefault(item.scenario.name, set()).add(item.file)
    return [
        f"scenario {name} is in {' and in '.join(sorted(where))}: choose another name for one"
        for name, where in files.items()
        if len(where) > 1
    ]
