# SPDX-License-Identifier: Apache-2.0
"""run.jsonl: everything a run has found, written line by line so that a killed run loses nothing.

Lines, told apart by `record`: `run` (once, first), `started` and `finished` (once a variant),
`end` (once, last; missing when the run was killed). JUnit and the table are made from this file.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Optional

from bootcheck.scenario import Scenario, Variant
from bootcheck.verdict import Check, Choice, ErrorKind, Result, Verdict

FORMAT = 1
FILE_NAME = "run.jsonl"


class RunLogError(Exception):
    """A file is no run.jsonl; the text says which line."""


@dataclass
class VariantRecord:
    """One variant of the run, run or not."""

    id: str  # node id: file::scenario[variant]
    file: str  # relative to the project, with slashes
    scenario: str
    requirements: list[str]
    edition: str
    security: str
    content_format: str
    key: str = ""  # the class of the factory key
    purpose: str = ""
    official: str = ""  # the case of OMA's ETS that it is
    errata: str = ""
    lane: str = ""  # directory relative to that of run.jsonl; empty when there is none
    started: bool = False
    duration: float = 0.0  # seconds
    result: Result = field(
        default_factory=lambda: Result(Verdict.NOT_RUN, "the run ended before this variant did")
    )

    @property
    def label(self) -> str:
        """As in node ids, an official case with its id: `name[1.1-psk-tlv]`."""
        official = f"{self.official} " if self.official else ""
        return f"{official}{self.scenario}[{self.variant_id}]"

    @property
    def variant_id(self) -> str:
        return Variant(self.edition, self.security, self.content_format, self.key).id

    @classmethod
    def of(cls, node_id: str, file: str, scenario: Scenario, variant: Variant) -> "VariantRecord":
        return cls(
            id=node_id,
            file=file,
            scenario=scenario.name,
            requirements=list(scenario.requirements),
            edition=variant.edition,
            security=variant.security,
            content_format=variant.content_format,
            key=variant.key,
            purpose=scenario.purpose,
            official=scenario.official.get(variant.edition, ""),
            errata=scenario.errata,
        )


@dataclass
class RunRecord:
    """A whole run as read back from run.jsonl."""

    directory: Path
    header: dict[str, Any]
    variants: list[VariantRecord]
    end: Optional[dict[str, Any]]  # None: the run was killed


class RunLog:
    """Writes run.jsonl; each line is flushed to the kernel: only a dead machine loses one."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "w", encoding="utf-8")

    def _write(self, record: str, members: dict[str, Any]) -> None:
        line = json.dumps({"record": record, **members}, ensure_ascii=True, default=str)
        self._file.write(line + "\n")
        self._file.flush()

    def run(self, header: dict[str, Any], variants: list[VariantRecord]) -> None:
        """What was asked for, and with what."""
        plan = []
        for variant in variants:
            members = asdict(variant)
            for later in ("result", "started", "duration", "lane"):
                del members[later]
            plan.append(members)
        self._write("run", {"format": FORMAT, **header, "variants": plan})

    def started(self, variant: VariantRecord, t_us: int) -> None:
        self._write("started", {"id": variant.id, "lane": variant.lane, "t": t_us})

    def finished(self, variant: VariantRecord, t_us: int) -> None:
        self._write(
            "finished",
            {
                "id": variant.id,
                "t": t_us,
                "duration": round(variant.duration, 6),
                "lane": variant.lane,
                **result_members(variant.result),
            },
        )

    def end(self, members: dict[str, Any]) -> None:
        self._write("end", members)

    def close(self) -> None:
        self._file.close()


def result_members(result: Result) -> dict[str, Any]:
    """A result as JSON members."""
    checks = [{**asdict(check), "verdict": check.verdict.value} for check in result.checks]
    return {
        "verdict": result.verdict.value,
        "reason": result.reason,
        "checks": checks,
        "facts": result.facts,
        "choices": [asdict(choice) for choice in result.choices],
        "error_kind": result.error_kind.value if result.error_kind else None,
        "details": result.details,
        "baseline": result.baseline,
    }


def result_of(members: dict[str, Any]) -> Result:
    """The reverse of `result_members`; members of later versions are passed over."""
    known = Check.__dataclass_fields__
    checks = []
    for item in members.get("checks", []):
        values: dict[str, Any] = {name: item[name] for name in item if name in known}
        values["verdict"] = Verdict(item["verdict"])
        checks.append(Check(**values))
    kind = members.get("error_kind")
    return Result(
        verdict=Verdict(members["verdict"]),
        reason=members.get("reason", ""),
        checks=checks,
        facts=list(members.get("facts", [])),
        choices=[Choice(**item) for item in members.get("choices", [])],
        error_kind=ErrorKind(kind) if kind else None,
        details=members.get("details", ""),
        baseline=members.get("baseline", ""),
    )


def read(path: Path) -> RunRecord:
    """Read a run.jsonl, also of a killed run: a torn last line is passed over."""
    lines = path.read_bytes().split(b"\n")
    torn = lines.pop()  # empty when the last line is whole
    header: dict[str, Any] = {}
    variants: dict[str, VariantRecord] = {}
    end: Optional[dict[str, Any]] = None
    if torn.strip():
        try:
            json.loads(torn)
            lines.append(torn)
        except ValueError:
            pass
    for number, line in enumerate(lines, 1):
        try:
            members = json.loads(line)
            record = members.pop("record")
            if record == "run":
                if members.get("format") != FORMAT:
                    raise ValueError(f"format {members.get('format')} is not spoken, {FORMAT} is")
                variants = {item["id"]: VariantRecord(**item) for item in members.pop("variants")}
                header = members
            elif record == "started":
                variants[members["id"]].started = True
                variants[members["id"]].lane = members["lane"]
            elif record == "finished":
                variant = variants[members["id"]]
                variant.result = result_of(members)
                variant.duration = members["duration"]
                variant.lane = members["lane"]
            elif record == "end":
                end = members
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise RunLogError(f"{path}:{number}: not a line of a run: {problem!r}") from None
    if not header:
        raise RunLogError(f"{path}: the first line, which says what was run, is missing")
    if end is None:
        for variant in variants.values():
            if variant.result.verdict is Verdict.NOT_RUN and variant.started:
                variant.result.reason = "the run was killed while this variant ran"
            elif variant.result.verdict is Verdict.NOT_RUN:
                variant.result.reason = "the run was killed before this variant started"
    return RunRecord(path.parent, header, list(variants.values()), end)
