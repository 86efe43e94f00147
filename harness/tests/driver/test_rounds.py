# SPDX-License-Identifier: Apache-2.0
"""Rounds of quirks: each is run in each, and nothing but what it may leave open is overlooked."""

from __future__ import annotations

from pathlib import Path
from typing import Optional, Sequence

import pytest
from bootcheck import profile as profiles
from bootcheck.layout import Layout
from bootcheck.proof.client_profile import NAME, changed_profile
from bootcheck.proof.expectation import Expectation, Expected
from bootcheck.proof.expectation_files import ExpectationError, load_expectations
from bootcheck.proof.rounds import Group, Rounds, groups, problems_of
from bootcheck.runlog import RunLog, VariantRecord
from bootcheck.scenario import EDITIONS
from bootcheck.verdict import Check, Result, Verdict

OPEN = Expected("CLN-05", Verdict.INCONCLUSIVE, False, "it may be")
LISTED = Expectation("quirk", "q", {("s", "1.1-psk", "gone"): OPEN}, {"alive": OPEN})
LAYOUT = Layout.of_this_package()


def quirk(name: str, lawful_in: tuple[str, ...] = (), *, alone: bool = False) -> Expectation:
    return Expectation("quirk", name, {}, lawful_in=lawful_in, alone=alone)


QUIRKS = [*(quirk(f"q{n}") for n in range(7)), quirk("a", alone=True)] + [
    quirk(f"c{n}", ("CR",)) for n in range(2)
]


def test_each_round_has_the_correct_client_and_each_quirk_once() -> None:
    made = list(groups(1, QUIRKS, 5))
    assert not made[0].quirks
    assert sorted(q.name for group in made for q in group.quirks) == sorted(q.name for q in QUIRKS)
    assert {len(group.quirks) for group in made} == {0, 1, 2, 3}
    assert [g.name for g in made if QUIRKS[7] in g.quirks] == ["01-a"]


def test_quirks_are_together_only_where_all_are_lawful() -> None:
    for number in range(1, 6):
        for group in groups(number, QUIRKS, 5):
            assert len({q.lawful_in for q in group.quirks}) <= 1
            assert group.editions == (("CR",) if QUIRKS[8] in group.quirks else EDITIONS) or (
                group.editions == ("CR",) and QUIRKS[9] in group.quirks
            )


def test_company_changes_from_round_to_round_and_comes_again_with_the_seed() -> None:
    def company(number: int, seed: int) -> list[str]:
        return sorted(group.name[3:] for group in groups(number, QUIRKS, seed))

    assert company(1, 5) == company(1, 5)
    assert company(1, 5) != company(2, 5)
    assert company(1, 5) != company(1, 6)


def variant(result: Result, scenario: str = "s", security: str = "psk") -> VariantRecord:
    return VariantRecord(
        id=f"a.py::{scenario}[1.1-{security}-tlv]",
        file="a.py",
        scenario=scenario,
        requirements=["CLN-05"],
        edition="1.1",
        security=security,
        content_format="tlv",
        started=True,
        result=result,
    )


def judged(verdict: Verdict, *names: str) -> Result:
    return Result(verdict, checks=[Check(name, "CLN-05", verdict, "what") for name in names])


def open_in(scenario: str, security: str, *names: str) -> VariantRecord:
    return variant(judged(Verdict.INCONCLUSIVE, *names), scenario, security)


def test_what_a_quirk_may_leave_open_is_no_problem() -> None:
    group = Group(1, (quirk("other"), LISTED))
    passed = variant(judged(Verdict.PASS, "gone"))
    assert not problems_of(group, [passed, variant(Result(Verdict.NOT_APPLICABLE, "so declared"))])
    assert not problems_of(group, [open_in("s", "psk", "gone"), open_in("t", "nosec", "alive")])


@pytest.mark.parametrize(
    "found",
    [
        variant(judged(Verdict.FAIL, "gone")),
        variant(judged(Verdict.WARN, "gone")),
        variant(Result(Verdict.ERROR, "peer")),
        variant(Result(Verdict.NOT_RUN, "killed")),
        variant(Result(Verdict.INCONCLUSIVE, "no check says why")),
        open_in("s", "nosec", "gone"),
        open_in("t", "psk", "gone"),
        open_in("s", "psk", "gone", "other"),
    ],
)
def test_anything_else_is_a_problem(found: VariantRecord) -> None:
    assert len(problems_of(Group(1, (LISTED,)), [found])) == 1
    assert len(problems_of(Group(1, ()), [found])) == 1


class Faked:
    """Runs that find what is given here."""

    def __init__(self, results: Sequence[VariantRecord], code: int) -> None:
        self.results, self.code = results, code
        self.commands: list[list[str]] = []

    def __call__(
        self, command: Sequence[str], log: str, environment: Optional[dict[str, str]] = None
    ) -> tuple[int, str]:
        self.commands.append(list(command))
        (output,) = [Path(w.split("=")[1]) for w in command if w.startswith("--output=")]
        if self.results:
            (output / "lanes").mkdir(parents=True)
            written = RunLog(output / "run.jsonl")
            written.run({"seed": 1}, list(self.results))
            for result in self.results:
                written.finished(result, 1)
            written.end({"exit_code": self.code, "duration": 1.0})
            written.close()
        return self.code, ""


@pytest.mark.parametrize(
    ("results", "code", "problem"),
    [
        ([variant(judged(Verdict.PASS, "gone"))], 0, None),
        ([variant(judged(Verdict.FAIL, "gone"))], 1, "s[1.1-psk-tlv]: FAIL"),
        ([variant(judged(Verdict.PASS, "gone"))], 4, "the run ended with 4"),
        ([], 2, "no results"),
    ],
)
def test_nothing_that_goes_wrong_in_a_run_goes_unseen(
    tmp_path: Path, results: list[VariantRecord], code: int, problem: Optional[str]
) -> None:
    execute = Faked(results, code)
    found = list(Rounds(LAYOUT, tmp_path, execute, {}).run([LISTED], 2, 5, slow=False))
    assert [item.group.name for item in found] == ["01-correct", "01-q", "02-correct", "02-q"]
    for item in found:
        assert len(item.problems) == (problem is not None)
        assert problem is None or problem in item.problems[0]
    # what is there to look into stays
    kept = {path.parent.name for path in (tmp_path / "rounds").glob("*/lanes")}
    assert len(kept) == (4 if results and problem else 0)


def test_a_run_is_told_its_quirks_editions_and_speed(tmp_path: Path) -> None:
    execute = Faked([variant(judged(Verdict.PASS, "gone"))], 0)
    rounds = Rounds(LAYOUT, tmp_path, execute, {})
    list(rounds.run([quirk("c", ("CR",)), quirk("d", ("CR",))], 1, 5, slow=True))
    (command,) = [words for words in execute.commands if "--client-argument=c" in words]
    assert [w for w in command if w.startswith("--edition")] == ["--edition=CR"]
    assert "--client-argument=d" in command
    assert "--strict" in command and command[command.index("slow") - 1] == "-m"


def test_changed_profile_is_that_of_the_reference_client_but_for_the_changes(
    tmp_path: Path,
) -> None:
    assert changed_profile(LAYOUT, [], tmp_path, "q") == NAME
    change = ("access_control = true", "access_control = false")
    path = changed_profile(LAYOUT, [change, change], tmp_path / "new", "q")
    original = (LAYOUT.profiles / f"{NAME}.toml").read_text()
    assert Path(path).read_text() == original.replace(*change) != original
    with pytest.raises(ExpectationError, match="q: .*0 times instead of once"):
        changed_profile(LAYOUT, [("no such text", "")], tmp_path, "q")
    with pytest.raises(ExpectationError, match="times instead of once"):
        changed_profile(LAYOUT, [(" = true", " = false")], tmp_path, "q")


def test_profiles_of_the_shipped_quirks_can_be_read(tmp_path: Path) -> None:
    shipped = [item for item in load_expectations(LAYOUT.expectations) if item.profile]
    assert {item.name for item in shipped} >= {"no-access-control", "no-replacement"}
    for item in shipped:
        profiles.load(Path(changed_profile(LAYOUT, item.profile, tmp_path, item.name)))


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('[[defect]]\nname = "d"\nlawful_in = ["CR"]', "no primary row"),
        ('[[quirk]]\nname = "d"\nlawful_in = ["2.0"]', "there is no edition '2.0'"),
        ('[[quirk]]\nname = "d"\nprofile = ["a"]', "list of pairs"),
        ('[[quirk]]\nname = "d"\nprofile = [["a", 1]]', "list of pairs"),
    ],
)
def test_wrong_keys_of_an_expectation_are_named(tmp_path: Path, lines: str, problem: str) -> None:
    (tmp_path / "e.toml").write_text(lines)
    with pytest.raises(ExpectationError, match=problem):
        load_expectations(tmp_path)


def test_a_defect_is_not_lawful_anywhere(tmp_path: Path) -> None:
    line = '{ scenario = "s", check = "c", requirement = "CLN-05", primary = true }'
    (tmp_path / "e.toml").write_text(
        f'[[defect]]\nname = "d"\nlawful_in = ["CR"]\nexpect = [{line}]'
    )
    with pytest.raises(ExpectationError, match="only a quirk can be"):
        load_expectations(tmp_path)
