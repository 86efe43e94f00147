# SPDX-License-Identifier: Apache-2.0
"""`results DIR ...`: several clients side by side, requirement by requirement, as Markdown."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Mapping, Optional, Sequence, TextIO

from bootcheck.always_on import PREFIX
from bootcheck.layout import Layout
from bootcheck.requirement import CatalogueError, Requirement, load_catalogue
from bootcheck.runlog import FILE_NAME, RunLogError, RunRecord, VariantRecord, read
from bootcheck.scenario import EDITIONS
from bootcheck.verdict import Check, ExitCode, Verdict

# What a cell shows first. An expected FAIL is a FAIL of the client: only a run forgives it.
_GRAVEST_FIRST = (
    Verdict.FAIL,
    Verdict.EXPECTED_FAIL,
    Verdict.ERROR,
    Verdict.NOT_RUN,
    Verdict.INCONCLUSIVE,
    Verdict.WARN,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)
_TOLD = (Verdict.FAIL, Verdict.EXPECTED_FAIL, Verdict.WARN, Verdict.INCONCLUSIVE)


_SHOWN = 3  # scenarios that a breach names


class ResultsError(Exception):
    """Runs that cannot stand in one table; the text says which and why."""


@dataclass(frozen=True)
class Client:
    """All runs of one client: a variant that was run again counts as it was last."""

    name: str
    runs: tuple[RunRecord, ...]
    variants: tuple[VariantRecord, ...]

    @property
    def dates(self) -> str:
        days = sorted({str(run.header.get("started", ""))[:10] for run in self.runs})
        return ", ".join(days)

    @property
    def editions(self) -> list[str]:
        return [e for e in EDITIONS if any(variant.edition == e for variant in self.variants)]


def clients(records: Sequence[RunRecord]) -> list[Client]:
    """The clients of these runs by name and version. Raises ResultsError."""
    runs: dict[str, list[RunRecord]] = {}
    for record in sorted(records, key=lambda record: str(record.header.get("started", ""))):
        profile = record.header.get("profile", {})
        name = f"{profile.get('name', '')} {profile.get('version', '')}".strip()
        runs.setdefault(name, []).append(record)
    found = []
    for name, of_client in sorted(runs.items()):
        versions = {(r.header.get("bootcheck"), r.header.get("commit")) for r in of_client}
        if len(versions) > 1:
            raise ResultsError(
                f"the runs of {name} are of different versions of Bootcheck "
                f"({', '.join(str(commit)[:12] for _, commit in sorted(versions, key=str))}): "
                "give runs of one"
            )
        latest = {variant.id: variant for run in of_client for variant in run.variants}
        found.append(Client(name, tuple(of_client), tuple(latest.values())))
    return found


def document(found: Sequence[Client], catalogue: Mapping[str, Requirement]) -> str:
    """The whole page."""
    lines = [
        "<!-- Made by `./run_tests.py results DIR ...`: not to be changed by hand. -->",
        "# Results: requirements × clients",
        "",
        "Each cell has the gravest verdict of all checks of a requirement, over all scenarios and "
        "security modes that were run, and how many checks have it. `2 not reached (FIN-02)`: two "
        "variants about the row ended by a breach of FIN-02 before they came to it. What a row "
        "says is told by `./run_tests.py explain CLN-05`; what is behind a FAIL stands at the end.",
        "",
        *_runs(found),
    ]
    for edition in EDITIONS:
        shown = [client for client in found if edition in client.editions]
        if shown:
            lines += ["", f"## Edition {edition}", *_edition(edition, shown, catalogue)]
    for client in found:
        lines += ["", f"## What is behind it: {client.name}", *_behind(client)]
    return "\n".join(lines) + "\n"


def _runs(found: Sequence[Client]) -> Iterator[str]:
    verdicts = [
        verdict
        for verdict in Verdict
        if any(v.result.verdict is verdict for client in found for v in client.variants)
    ]
    head = ["client", "run on", "editions", *(verdict.value for verdict in verdicts), "Bootcheck"]
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    for client in found:
        counts = Counter(variant.result.verdict for variant in client.variants)
        header = client.runs[-1].header
        version = f"{header.get('bootcheck')} ({str(header.get('commit'))[:12]})"
        numbers = [str(counts[verdict]) for verdict in verdicts]
        cells = [client.name, client.dates, " ".join(client.editions), *numbers, version]
        yield f"| {' | '.join(cells)} |"


def _edition(
    edition: str, found: Sequence[Client], catalogue: Mapping[str, Requirement]
) -> Iterator[str]:
    yield ""
    yield f"| requirement | {' | '.join(client.name for client in found)} |"
    yield "|---" * (len(found) + 1) + "|"
    for row in catalogue.values():
        if edition not in row.editions:
            continue
        cells = [_cell(client, edition, row.id, catalogue) for client in found]
        if any(cells):
            yield f"| {row.id} | {' | '.join(cell or '–' for cell in cells)} |"


def _cell(client: Client, edition: str, row_id: str, catalogue: Mapping[str, Requirement]) -> str:
    """The gravest verdict and its share; empty when the row was not asked of this client."""
    counts: Counter[Verdict] = Counter()
    unreached: Counter[str] = Counter()  # by the row whose breach ended the scenario before
    for variant in client.variants:
        if variant.edition != edition:
            continue
        verdicts = [c.verdict for c in variant.result.checks if c.requirement == row_id]
        if not verdicts and _primary(variant, catalogue) == row_id:
            ended_by = _ended_by(variant)
            if ended_by is not None:
                unreached[ended_by] += 1
            else:
                verdicts = [variant.result.verdict]
        counts.update(verdicts)
    texts = []
    for verdict in _GRAVEST_FIRST:
        if counts[verdict]:
            total = sum(counts.values())
            share = f" ({counts[verdict]} of {total})" if verdict in _TOLD else ""
            texts.append(verdict.value + share)
            break
    if unreached:
        texts.append(f"{sum(unreached.values())} not reached ({', '.join(sorted(unreached))})")
    return ", ".join(texts)


def _ended_by(variant: VariantRecord) -> Optional[str]:
    """The row whose breach ended the scenario; None where it was not ended by a check."""
    if variant.result.verdict not in _TOLD:
        return None
    broken = (c for c in variant.result.checks if c.verdict in _TOLD)
    return next((c.requirement for c in broken if not c.name.startswith(PREFIX)), None)


def _primary(variant: VariantRecord, catalogue: Mapping[str, Requirement]) -> Optional[str]:
    """What the variant is about: the first of its rows that holds in its edition."""
    for row_id in variant.requirements:
        if row_id in catalogue and variant.edition in catalogue[row_id].editions:
            return row_id
    return None


@dataclass
class Breach:
    """The same thing found in some scenarios of a client."""

    scenarios: dict[str, list[str]]  # with their variants
    observed: str  # where it was found first
    reason: str  # why the profile expects it; empty: it does not


def _behind(client: Client) -> Iterator[str]:
    """Each breach once, with the scenarios that show it and why it was expected."""
    found: dict[tuple[str, str, str], Breach] = {}
    for variant in client.variants:
        for verdict, row_id, what, observed, reason in _told(variant):
            breach = found.setdefault((row_id, verdict.value, what), Breach({}, observed, reason))
            breach.scenarios.setdefault(variant.scenario, []).append(variant.variant_id)
    if not found:
        yield "Nothing: all that applies has passed."
        return
    yield ""
    yield "| row | verdict | what | observed (first) | in | expected because |"
    yield "|---|---|---|---|---|---|"
    for (row_id, verdict_name, what), breach in sorted(found.items()):
        columns = (row_id, verdict_name, what, breach.observed, _where(breach), breach.reason)
        yield f"| {' | '.join(_escaped(column) or '–' for column in columns)} |"


def _where(breach: Breach) -> str:
    """Few scenarios with their variants, many by their number."""
    shown = [
        f"{scenario}<br>{' '.join(dict.fromkeys(variants))}"
        for scenario, variants in list(breach.scenarios.items())[:_SHOWN]
    ]
    more = len(breach.scenarios) - len(shown)
    return "<br>".join(shown) + (f"<br>and {more} scenarios more" if more else "")


def _told(variant: VariantRecord) -> Iterator[tuple[Verdict, str, str, str, str]]:
    broken: list[Check] = [c for c in variant.result.checks if c.verdict in _TOLD]
    for check in broken:
        yield check.verdict, check.requirement, check.what, check.observed, check.baseline
    result = variant.result
    if not broken and result.verdict in (*_TOLD, Verdict.ERROR, Verdict.NOT_RUN):
        yield result.verdict, variant.requirements[0], result.reason, "", result.baseline


def _escaped(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<br>", "\0").split()).replace("\0", "<br>")


def command(arguments: Sequence[str], layout: Layout, stream: Optional[TextIO] = None) -> int:
    """`results [--output FILE] DIR ...`: gives 0, or 2 for what is no run."""
    parser = argparse.ArgumentParser(prog="run_tests.py results")
    parser.add_argument("runs", nargs="+", metavar="DIR", help="the folder of a run")
    parser.add_argument("--output", metavar="FILE", help="write there instead of to the console")
    try:
        chosen = parser.parse_args(list(arguments))
    except SystemExit as ended:
        return ExitCode.USAGE if ended.code else ExitCode.OK
    try:
        found = clients([read(Path(run) / FILE_NAME) for run in chosen.runs])
        text = document(found, load_catalogue(layout.scenarios / "requirements.toml"))
        if chosen.output is not None:
            Path(chosen.output).write_text(text, encoding="utf-8")
    except (ResultsError, RunLogError, CatalogueError, OSError) as problem:
        print(f"bootcheck: {problem}", file=sys.stderr)
        return ExitCode.USAGE
    if chosen.output is None:
        (stream or sys.stdout).write(text)
    return ExitCode.OK
