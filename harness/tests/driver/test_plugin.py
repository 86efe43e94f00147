# SPDX-License-Identifier: Apache-2.0
"""Runs of the driver as a user starts them: selection, verdicts, exit codes, results."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree
from project import Project
from test_junit import SCHEMA

THREE = """
@scenario("CLN-05", editions=["1.0", "1.1"])
async def first(bench):
    '''It is first.'''

@scenario("CLN-06", editions=["CR", "1.1"], slow=True)
async def second(bench):
    '''It is second.'''

@scenario("SEQ-01", "CLN-07", editions=["1.1", "1.2"], securities=["psk"])
async def third(bench):
    '''It is third.'''
"""


def names(project: Project, *arguments: str) -> list[str]:
    process = project.run(*arguments)
    assert process.returncode in (0, 2), process.stderr
    return sorted(project.verdicts())


def test_default_editions_and_no_slow_scenarios(project: Project) -> None:
    project.scenario_file("a.py", THREE)
    assert names(project) == ["first[1.1-nosec-tlv]", "first[1.1-psk-tlv]", "third[1.1-psk-tlv]"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-k", "CLN-07"], ["third[1.1-psk-tlv]"]),
        (["-k", "first and nosec"], ["first[1.1-nosec-tlv]"]),
        (["-m", "slow", "-k", "CR and psk"], ["second[CR-psk-tlv]"]),
        (["--edition", "1.0", "--security", "psk"], ["first[1.0-psk-tlv]"]),
        (["--edition", "1.2"], ["third[1.2-psk-tlv]"]),
        (
            ["--edition", "1.0", "--edition", "1.1", "-k", "first", "--security", "nosec"],
            ["first[1.0-nosec-tlv]", "first[1.1-nosec-tlv]"],
        ),
    ],
)
def test_selection(project: Project, arguments: list[str], expected: list[str]) -> None:
    project.scenario_file("a.py", THREE)
    assert names(project, *arguments) == expected


def test_a_node_id_selects_one_variant_of_any_edition(project: Project) -> None:
    project.scenario_file("sub/a.py", THREE)
    node = f"{project.root}/scenarios/sub/a.py::first[1.0-psk-tlv]"
    assert names(project, node) == ["first[1.0-psk-tlv]"]
    assert project.record().variants[0].id == "scenarios/sub/a.py::first[1.0-psk-tlv]"


def test_the_same_file_given_twice_runs_once(project: Project) -> None:
    project.scenario_file("a.py", THREE)
    path = f"{project.root}/scenarios/a.py"
    assert len(names(project, path, path)) == 3


def test_list_runs_nothing(project: Project) -> None:
    project.scenario_file("a.py", THREE)
    process = project.run("--list", "-m", "slow or not slow")
    assert process.returncode == 0
    assert "scenarios/a.py::second (slow)" in process.stdout
    assert "CLN-06: It is second." in process.stdout
    assert "variants: CR-nosec-tlv CR-psk-tlv 1.1-nosec-tlv 1.1-psk-tlv" in process.stdout
    assert "3 scenarios, 7 variants" in process.stdout
    assert not project.output.exists()


VERDICTS = {
    0: ["PASS", "WARN", "NOT APPLICABLE", "EXPECTED FAIL"],
    2: ["NOT APPLICABLE"],
    3: ["PASS", "INCONCLUSIVE"],
    1: ["PASS", "INCONCLUSIVE", "FAIL", "WARN"],
    4: ["FAIL", "INCONCLUSIVE", "ERROR"],
}


@pytest.mark.parametrize("code", VERDICTS)
def test_exit_codes(project: Project, code: int) -> None:
    body = "".join(
        f"@scenario('CLN-05', editions=['1.1'], securities=['psk'])\n"
        f"async def s{index}(bench):\n    '''It is.'''\n    bench.verdict({verdict!r})\n"
        for index, verdict in enumerate(VERDICTS[code])
    )
    project.scenario_file("a.py", body)
    process = project.run()
    assert process.returncode == code, process.stdout + process.stderr
    end = project.record().end
    assert end is not None and end["exit_code"] == code
    SCHEMA.assertValid(etree.parse(str(project.output / "junit.xml")))


USAGE = {
    "--client": (["--client", "nobody"], "known are reference-client"),
    "--client path": (["--client", "./nobody.toml"], "no such file"),
    "--edition": (["--edition", "2.0"], "known are CR, 1.0, 1.1, 1.2"),
    "--security": (["--security", "x509"], "known are nosec, psk"),
    "--lanes": (["--lanes", "0"], "must be a number from 1"),
    "--seed": (["--seed", "x"], "must be a number from 0"),
    "--pdb": (["--pdb"], "--pdb cannot be used here"),
    "--stepwise": (["--stepwise"], "use -x"),
    "unknown option": (["--colour"], "unrecognized arguments: --colour"),
    "-k that selects nothing": (["-k", "nothing"], "no scenario is selected"),
    "-k that is no expression": (["-k", "and and"], "and and"),
    "missing file": (["nowhere.py"], "nowhere.py"),
}


@pytest.mark.parametrize("what", USAGE)
def test_usage_errors_exit_2_and_say_what_to_do(project: Project, what: str) -> None:
    project.scenario_file("a.py", THREE)
    arguments, text = USAGE[what]
    process = project.run(*arguments)
    assert process.returncode == 2, process.stdout + process.stderr
    assert text in process.stderr
    assert "Traceback" not in process.stderr + process.stdout
    assert not project.output.exists()


def test_a_wrong_profile_is_a_usage_error_with_its_line(project: Project) -> None:
    project.scenario_file("a.py", THREE)
    profile = project.root / "p.toml"
    profile.write_text("wrong")
    process = project.run("--client", str(profile))
    assert process.returncode == 2
    assert f"{profile}:1: is wrong" in process.stderr


def test_results_are_not_overwritten(project: Project) -> None:
    project.scenario_file("a.py", THREE)
    assert project.run().returncode == 0
    process = project.run()
    assert process.returncode == 2 and "has results already" in process.stderr


def test_default_output_is_named_by_time_and_client(project: Project) -> None:
    project.scenario_file("a.py", THREE)
    assert project.run(output=False).returncode == 0
    assert project.run(output=False).returncode == 0
    first, second = sorted((project.root / "reports").iterdir())
    assert "Z-reference-client" in first.name and "Z-reference-client" in second.name


WRONG_FILES = {
    "defined a second time": THREE + THREE,
    "must be an 'async def'": (
        "@scenario('CLN-05', editions=['1.1'])\ndef plain(bench):\n    '''It is.'''\n"
    ),
    "stray is a public function but no scenario": "async def stray(bench):\n    '''It is.'''\n",
    "has no docstring": "@scenario('CLN-05', editions=['1.1'])\nasync def bare(bench):\n    pass\n",
    "No module named 'missing_module'": "import missing_module\n",
    "SyntaxError": "async def\n",
    "is also called twin": THREE + "twin = first\n",
}


@pytest.mark.parametrize("text", WRONG_FILES)
def test_wrong_scenario_files_are_refused(project: Project, text: str) -> None:
    project.scenario_file("good.py", THREE.replace("first", "other").replace("second", "more"))
    project.scenario_file("wrong.py", WRONG_FILES[text].replace("third", "fourth"))
    process = project.run()
    assert process.returncode == 2, process.stdout + process.stderr
    assert text in process.stderr and "wrong.py" in process.stderr
    assert not project.output.exists()


def test_one_name_in_two_files_is_refused(project: Project) -> None:
    project.scenario_file("a.py", THREE)
    project.scenario_file("b.py", THREE)
    process = project.run()
    assert process.returncode == 2
    assert "scenario first is in scenarios/a.py and in scenarios/b.py" in process.stderr


def test_private_and_imported_functions_are_no_scenarios(project: Project) -> None:
    project.scenario_file("_private.py", "raise RuntimeError('never imported')")
    project.scenario_file(
        "a.py", THREE + "from textwrap import dedent\nasync def _step(bench):\n    pass\n"
    )
    assert len(names(project)) == 3


def test_a_conftest_of_the_current_folder_is_not_read(project: Project) -> None:
    project.scenario_file("a.py", THREE)
    for folder in (project.root, project.root / "scenarios"):
        (folder / "conftest.py").write_text("raise RuntimeError('read')")
    assert project.run().returncode == 0


def test_asserts_show_their_values(project: Project) -> None:
    project.scenario("x = [1, 2]\nassert x == [1, 3]")
    assert project.run().returncode == 4
    result = project.record().variants[0].result
    assert result.error_kind is not None and result.error_kind.value == "driver"
    assert "assert [1, 2] == [1, 3]" in result.details


def test_a_scenario_that_cancels_itself_is_an_error(project: Project) -> None:
    project.scenario("import asyncio\nraise asyncio.CancelledError")
    assert project.run().returncode == 4
    assert set(project.verdicts().values()) == {"ERROR"}


def test_prints_and_logs_go_to_their_lane(project: Project) -> None:
    project.scenario(
        """
        import logging
        print("said by", bench.variant.id)
        await bench.sleep(0.05)
        logging.getLogger("x").info("logged by %s", bench.variant.id)
        """
    )
    process = project.run()
    assert process.returncode == 0 and "said by" not in process.stdout + process.stderr
    for security in ("nosec", "psk"):
        lane = project.output / "lanes" / f"it-1.1-{security}-tlv" / "scenario-output.txt"
        assert lane.read_text() == (
            f"said by 1.1-{security}-tlv\nINFO x: logged by 1.1-{security}-tlv\n"
        )


def test_stop_at_the_first_failure(project: Project) -> None:
    body = THREE + "    bench.verdict('FAIL')\n"
    body += body.split("@scenario")[-1].join(["@scenario", ""]).replace("third", "fourth")
    project.scenario_file("a.py", body.replace("fourth(bench):", "fourth(bench):", 1))
    process = project.run("-x", "--lanes", "1")
    assert process.returncode == 1, process.stdout + process.stderr
    verdicts = project.verdicts()
    assert verdicts["third[1.1-psk-tlv]"] == "FAIL"
    assert verdicts["fourth[1.1-psk-tlv]"] == "NOT RUN"


def test_last_failed_runs_only_what_failed(project: Project) -> None:
    project.scenario_file("a.py", THREE + "    bench.verdict('FAIL')\n")
    assert project.run(output=False).returncode == 1
    project.run("--lf")
    assert list(project.verdicts()) == ["third[1.1-psk-tlv]"]


def test_lanes_run_at_once_up_to_the_limit(project: Project) -> None:
    many = "".join(
        f"@scenario('CLN-05', editions=['1.1'])\nasync def s{index}(bench):\n"
        f"    '''It is.'''\n    await bench.sleep(0.3)\n"
        for index in range(20)
    )
    project.scenario_file("a.py", many)
    assert project.run().returncode == 0
    end = project.record().end
    assert end is not None and end["duration"] < 40 * 0.3 / 4
    lines = [json.loads(line) for line in open(project.output / "run.jsonl")]
    assert running_at_once(lines) == 40

    for file in project.output.iterdir():
        file.rename(project.root / f"old-{file.name}")
    assert project.run("--lanes", "10").returncode == 0
    lines = [json.loads(line) for line in open(project.output / "run.jsonl")]
    assert running_at_once(lines) == 10


def running_at_once(lines: list[dict[str, Any]]) -> int:
    most = now = 0
    for line in lines:
        now += {"started": 1, "finished": -1}.get(line["record"], 0)
        most = max(most, now)
    return most


def test_lanes_have_their_own_folder_and_addresses(project: Project) -> None:
    project.scenario(
        """
        assert not list(bench.lane.directory.iterdir())
        control = await bench.shared.new_lane("control")
        again = await bench.shared.new_lane("control")
        assert control.directory != again.directory
        assert control.addresses.network != again.addresses.network
        assert control.addresses.network != bench.lane.addresses.network
        await bench.sleep(0.1)
        print(bench.lane.addresses.network)
        """
    )
    assert project.run().returncode == 0, project.record().variants[0].result
    texts = {path.read_text() for path in project.output.glob("lanes/it-*/scenario-output.txt")}
    assert len(texts) == 2


def test_the_run_is_documented(project: Project) -> None:
    project.scenario("import time\ntime.sleep(0.05)\nawait bench.sleep(0.1)")
    project.run("--seed", "77", "--strict", "--client-argument=--defect")
    record = project.record()
    header = record.header
    assert header["seed"] == 77 and header["strict"] is True
    assert header["client_arguments"] == ["--defect"]
    assert header["profile"]["name"] == "fake" and header["pytest"] == pytest.__version__
    assert header["editions"] == ["CR", "1.1"] and "--seed" in header["command"]
    assert record.end is not None
    assert record.end["totals"] == {"PASS": 2}
    assert record.end["loop_lag_us"]["max"] >= 40_000


def test_a_driver_that_cannot_start_lanes_still_writes_results(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.scenario("pass")
    monkeypatch.setenv("FAKE_CONTROLS_FAIL", "1")
    process = project.run()
    assert process.returncode == 4, process.stdout + process.stderr
    assert set(project.verdicts().values()) == {"NOT RUN"}
    assert "the catalogue is broken" in project.record().variants[0].result.reason


def test_help_and_version_need_nothing(project: Project) -> None:
    assert "--client PROFILE" in project.run("--help", output=False).stdout
    assert project.run("--version", output=False).stdout.startswith("bootcheck ")
