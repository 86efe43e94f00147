# SPDX-License-Identifier: Apache-2.0
"""A run that differs from its expectation in anything is a problem."""

from dataclasses import replace
from pathlib import Path

import pytest
from bootcheck.proof.expectation import EVERY, Expectation, Expected, compare
from bootcheck.proof.expectation_files import ExpectationError, load_expectations
from bootcheck.verdict import Check, Result, Verdict

DATA = Path(__file__).parents[3] / "fixtures" / "reference-client" / "expectations"
EXPECTATION = Expectation(
    "defect", "d", {("s", "1.1-psk", "gone"): Expected("CLN-05", Verdict.FAIL, True, "")}
)


def result(verdict: Verdict, requirement: str = "CLN-05", name: str = "gone") -> Result:
    return Result(verdict, checks=[Check(name, requirement, verdict, "what")])


def test_expected_failure_is_no_problem() -> None:
    assert compare(EXPECTATION, [("s", "1.1-psk-tlv", result(Verdict.FAIL))]) == []


@pytest.mark.parametrize(
    "found",
    [
        result(Verdict.PASS),
        result(Verdict.WARN),
        result(Verdict.INCONCLUSIVE),
        result(Verdict.FAIL, requirement="CLN-03"),
        result(Verdict.FAIL, name="other"),
        Result(Verdict.ERROR, "peer"),
        Result(Verdict.INCONCLUSIVE, "not declared"),
    ],
)
def test_any_other_outcome_is_a_problem(found: Result) -> None:
    assert compare(EXPECTATION, [("s", "1.1-psk-tlv", found)])


def test_survivor_by_absence_is_a_problem() -> None:
    assert compare(EXPECTATION, [])
    assert compare(EXPECTATION, [("s", "1.1-nosec-tlv", result(Verdict.PASS))])


def test_unlisted_failure_is_a_problem() -> None:
    runs = [("s", "1.1-psk-tlv", result(Verdict.FAIL)), ("t", "CR-psk-tlv", result(Verdict.FAIL))]
    assert len(compare(EXPECTATION, runs)) == 1


def test_what_a_defect_breaks_elsewhere_may_be_so_and_need_not() -> None:
    made = replace(EXPECTATION, elsewhere={"next": ("t",), "left": (EVERY,)})
    own = ("s", "1.1-psk-tlv", result(Verdict.FAIL))

    def found(scenario: str, verdict: Verdict, name: str) -> list[str]:
        there = (scenario, "CR-psk-tlv", result(verdict, "ACC-01", name))
        return compare(made, [own, there])

    for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE):
        assert not found("t", verdict, "next#2")
        assert not found("u", verdict, "left")
    assert found("u", Verdict.FAIL, "next")
    assert found("t", Verdict.FAIL, "gone")
    assert compare(made, [own, ("t", "CR-psk-tlv", Result(Verdict.ERROR, "peer"))])
    assert compare(made, [("s", "1.1-psk-tlv", result(Verdict.PASS))]), "a survivor all the same"


def test_correct_run_must_pass_in_all() -> None:
    assert compare(None, [("s", "1.1-psk-tlv", result(Verdict.PASS))]) == []
    assert compare(None, [("s", "1.1-psk-tlv", result(Verdict.WARN))])


def test_shipped_expectations_name_the_eight_defects_and_four_quirks() -> None:
    found = load_expectations(DATA)
    assert {item.name for item in found if item.kind == "defect"} >= {
        "never-purges",
        "purges-at-finish",
        "purges-though-timeout-zero",
        "keeps-though-timeout-undefined",
        "drops-high-entropy-account",
        "old-identity-after-replacement",
        "keeps-both-accounts",
        "trigger-answered-after-purge",
    }
    assert {item.name for item in found if item.kind == "quirk"} >= {
        "no-bootstrap-trigger",
        "silent-after-purge",
        "hold-off-10",
        "close-notify-at-purge",
    }


def test_secondary_line_without_cause_and_defect_without_primary_are_refused(
    tmp_path: Path,
) -> None:
    line = 'scenario = "s"\nvariants = ["CR-psk"]\ncheck = "c"\nrequirement = "CLN-01"\n'
    path = tmp_path / "e.toml"
    path.write_text(f'[[defect]]\nname = "d"\n[[defect.expect]]\n{line}')
    with pytest.raises(ExpectationError, match="needs a cause"):
        load_expectations(tmp_path)
    path.write_text(f'[[defect]]\nname = "d"\n[[defect.expect]]\n{line}cause = "x"\n')
    with pytest.raises(ExpectationError, match="no primary row"):
        load_expectations(tmp_path)


def test_allowed_check_may_be_so_anywhere_but_not_otherwise() -> None:
    allowed = {"state-kept": Expected("CLN-14", Verdict.INCONCLUSIVE, False, "it forgets")}
    quirk = Expectation("quirk", "q", {}, allowed)

    def differences(verdict: Verdict) -> list[str]:
        return compare(quirk, [("s", "1.1-psk-tlv", result(verdict, "CLN-14", "state-kept"))])

    assert differences(Verdict.INCONCLUSIVE) == []
    assert differences(Verdict.PASS) == []
    assert differences(Verdict.FAIL)
    assert compare(quirk, [("s", "1.1-psk-tlv", result(Verdict.INCONCLUSIVE))])


def load(tmp_path: Path, text: str) -> list[Expectation]:
    path = tmp_path / "e.toml"
    path.write_text(text)
    return load_expectations(tmp_path)


def test_a_defect_may_be_run_once_more_with_a_quirk(tmp_path: Path) -> None:
    line = '{ scenario = "s", check = "c", requirement = "CLN-01", primary = true }'
    alone = f'[[defect]]\nname = "d"\nexpect = [{line}]\n'
    with_quirk = f'[[defect]]\nname = "d"\nquirks = ["q"]\nexpect = [{line}]\n'
    first, second = load(tmp_path, alone + with_quirk)
    assert (first.title, first.client_arguments) == ("d", ["--defect", "d"])
    assert (second.title, second.name) == ("d with q", "d")
    assert second.client_arguments == ["--defect", "d", "--quirk", "q"]
    with pytest.raises(ExpectationError, match="d with q is in .* already"):
        load(tmp_path, alone + with_quirk + with_quirk)


EVERYWHERE = """
[[defect]]
name = "d"
expect = [
    { scenario = "*", except = ["t"], check = "gone", requirement = "CLN-05", primary = true },
    { scenario = "u", variants = ["1.1-psk"], check = "gone", requirement = "CLN-03", cause = "c" },
]
"""


def test_a_line_for_every_scenario_holds_where_a_variant_was_run(tmp_path: Path) -> None:
    (defect,) = load(tmp_path, EVERYWHERE)
    runs = [
        ("s", "1.1-psk-tlv", result(Verdict.FAIL)),
        ("s", "CR-psk-tlv", Result(Verdict.NOT_APPLICABLE)),
        ("t", "1.1-psk-tlv", result(Verdict.PASS)),
        ("u", "1.1-psk-tlv", result(Verdict.FAIL, "CLN-03")),  # a name goes before the star
    ]
    assert compare(defect, runs) == []
    other = ("v", "1.1-nosec-tlv", result(Verdict.FAIL, name="other"))
    assert len(compare(defect, [*runs, other])) == 2, "other fails, gone was not made"
    passes = ("v", "1.1-nosec-tlv", result(Verdict.PASS))
    assert len(compare(defect, [*runs, passes])) == 1


def test_a_line_for_every_scenario_must_hold_somewhere(tmp_path: Path) -> None:
    (defect,) = load(tmp_path, EVERYWHERE.replace('except = ["t"], ', 'variants = ["1.1-psk"], '))
    only = [("u", "1.1-psk-tlv", result(Verdict.FAIL, "CLN-03"))]
    assert compare(defect, only) == []
    nosec = ("s", "1.1-nosec-tlv", result(Verdict.PASS))
    assert compare(defect, [*only, nosec]) == [], "nosec is not among its variants"
    assert any("no variant of it was run" in problem for problem in compare(defect, [nosec]))


def test_an_exception_that_was_not_run_is_a_problem(tmp_path: Path) -> None:
    (defect,) = load(tmp_path, EVERYWHERE)
    runs = [
        ("s", "1.1-psk-tlv", result(Verdict.FAIL)),
        ("u", "1.1-psk-tlv", result(Verdict.FAIL, "CLN-03")),
    ]
    assert compare(defect, runs) == ["* gone: t, excepted, was not run"]


def test_a_line_without_variants_holds_in_all_that_were_run(tmp_path: Path) -> None:
    line = '{ scenario = "s", check = "gone", requirement = "CLN-05", primary = true }'
    (defect,) = load(tmp_path, f'[[defect]]\nname = "d"\nexpect = [{line}]')
    runs = [(name, "1.1-psk-tlv", result(Verdict.FAIL)) for name in ("s", "t")]
    assert compare(defect, runs[:1]) == []
    assert len(compare(defect, runs)) == 1
    runs = [
        ("s", f"{e}-psk-tlv", result(Verdict(v))) for e, v in (("1.0", "FAIL"), ("1.1", "PASS"))
    ]
    assert len(compare(defect, runs)) == 1


def test_a_defect_chooses_what_is_run(tmp_path: Path) -> None:
    line = '{ scenario = "s", check = "gone", requirement = "CLN-05", primary = true }'
    head = '[[defect]]\nname = "d"\neditions = ["1.0", "CR"]\nsecurities = ["psk"]\nslow = true\n'
    (defect,) = load(tmp_path, f'{head}scenarios = ["a"]\nexpect = [{line}]')
    assert defect.editions == ("1.0", "CR") and defect.securities == ("psk",)
    assert defect.scenarios == ("a",) and defect.slow


def test_a_line_may_name_several_scenarios(tmp_path: Path) -> None:
    line = 'check = "gone", requirement = "CLN-05", primary = true'
    text = f'[[defect]]\nname = "d"\nexpect = [{{ scenario = ["s", "t"], {line} }}]'
    (defect,) = load(tmp_path, text)
    assert [scenario for scenario, *_ in defect.everything()] == ["s", "t"]


LINE = 'scenario = "s", check = "c", requirement = "CLN-01"'
WRONG = {
    'editions = ["2.0"]': "there is no edition '2.0'",
    'scenarios = "a or b"': "a list of names",
    'securities = ["x509"]': "there is no security 'x509'",
    "colour = 1": "unknown colour",
    f"expect = [{{ {LINE}, primary = true, causes = 1 }}]": "unknown causes",
    f'expect = [{{ {LINE}, primary = true, except = ["t"] }}]': "`except` goes with",
    f'expect = [{{ {LINE}, primary = true, verdict = "BAD" }}]': "BAD",
    'expect = [{ scenario = "s", requirement = "CLN-01", primary = true }]': "'check' is missing",
    f'editions = ["CR"]\nexpect = [{{ {LINE}, variants = ["1.1-psk"], primary = true }}]': (
        "edition 1.1 is not run"
    ),
    f'[[quirk]]\nname = "q"\nexpect = [{{ {LINE}, cause = "c" }}]': "no primary row",
    f'expect = [{{ {LINE}, primary = true }}]\n[[quirk]]\nname = "q"\n'
    f'expect = [{{ {LINE}, cause = "c" }}]': "INCONCLUSIVE at most",
    f'expect = [{{ {LINE}, variants = ["CR-psk", "CR-psk"], primary = true }}]': "listed twice",
    f"expect = [{{ {LINE}, primary = true }}]\n" 'elsewhere = { c = "t" }': "a list of scenarios",
    f'expect = [{{ {LINE}, primary = true }}]\n[[quirk]]\nname = "q"\n'
    'elsewhere = { c = ["t"] }': "for defects",
    f'[[defect]]\nname = "e"\nexpect = [{{ {LINE}, primary = true }}]': "no primary row",
    f'expect = [{{ {LINE}, primary = true }}]\n[[quirk]]\nname = "d"': "is in .* already",
}


def test_what_is_wrong_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    good = f'[[defect]]\nname = "d"\nexpect = [{{ {LINE}, primary = true }}]\n'
    with pytest.raises(ExpectationError, match=r"e\.toml:4: unknown colour"):
        load(tmp_path, f'{good}[[quirk]]\nname = "q"\ncolour = 1\n')
    with pytest.raises(ExpectationError, match=r"e\.toml: .*line 1"):
        load(tmp_path, "[[defect]\n")
    with pytest.raises(ExpectationError, match=r"e\.toml: unknown defects"):
        load(tmp_path, '[[defects]]\nname = "d"\n')


def test_a_name_is_in_one_file_only(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[[quirk]]\nname = "q"\n')
    (tmp_path / "b.toml").write_text('\n[[quirk]]\nname = "q"\n')
    with pytest.raises(ExpectationError, match=r"b\.toml:2: q is in .*a\.toml:1 already"):
        load_expectations(tmp_path)


def test_a_folder_without_an_expectation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExpectationError, match="no file"):
        load_expectations(tmp_path)


@pytest.mark.parametrize("text", WRONG)
def test_data_that_says_nothing_or_twice_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ExpectationError, match=WRONG[text]):
        load(tmp_path, f'[[defect]]\nname = "d"\n{text}')
