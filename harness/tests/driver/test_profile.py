# SPDX-License-Identifier: Apache-2.0
"""A wrong profile is refused with file, line, cause and what to do."""

from pathlib import Path

import pytest
from bootcheck.profile import ProfileError, load

GOOD = """\
[client]
name = "c"

[supports]
editions = ["1.1"]
security = ["psk"]

[start]
command = ["prog", "{bs_uri}"]

[[start.when]]
security = "psk"
arguments = ["-k", "{bs_key_hex}"]

[[start.when]]
have = "bs_timeout"
arguments = ["-t", "{bs_timeout}"]

[account]
timeout = "start"

[timings]
start_s = 5

[[expected]]
scenario = "it"
verdict = "FAIL"
reason = "known"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "p.toml"
    path.write_text(text)
    return path


def test_good_profile_fills_its_command(tmp_path: Path) -> None:
    profile = load(written(tmp_path, GOOD))
    values = {"bs_uri": "coaps://127.0.0.1", "bs_key_hex": "aa"}
    assert profile.start_command(values, "psk") == ["prog", "coaps://127.0.0.1", "-k", "aa"]
    assert profile.start_command(values, "nosec") == ["prog", "coaps://127.0.0.1"]
    values["bs_timeout"] = "3"
    assert profile.start_command(values, "nosec")[2:] == ["-t", "3"]
    assert profile.timings.start_s == 5
    assert profile.supports == {}  # not declared is neither true nor false


def test_arguments_of_an_edition(tmp_path: Path) -> None:
    group = '[[start.when]]\nedition = "1.0"\narguments = ["-V", "1.0"]\n'
    profile = load(written(tmp_path, GOOD + group))
    values = {"bs_uri": "u", "edition": "1.0"}
    assert profile.start_command(values, "nosec")[2:] == ["-V", "1.0"]
    assert profile.start_command(values | {"edition": "1.1"}, "nosec")[2:] == []


@pytest.mark.parametrize(
    "old, new, line, cause",
    [
        ('name = "c"', 'name = "c"\nnmae = "d"', 3, "unknown key 'nmae'"),
        ('name = "c"', "name = 5", 2, "must be a string"),
        ("start_s = 5", 'start_s = "5"', 23, "must be a number"),
        ("start_s = 5", "start_s = true", 23, "must be a number"),
        ("start_s = 5", "start_s = -1", 23, "from 0 to 86400"),
        ('editions = ["1.1"]', 'editions = ["1.3"]', 5, "unknown value '1.3'"),
        ('editions = ["1.1"]', "editions = [1.1]", 5, "strings only"),
        ('security = ["psk"]', 'security = ["x509"]', 6, "unknown value 'x509'"),
        ('"{bs_uri}"]', '"{bs_url}"]', 9, "unknown placeholder {bs_url}"),
        ('security = "psk"\narg', 'securty = "psk"\narg', 12, "unknown key 'securty'"),
        ('"{bs_timeout}"]', '"3"]', 20, "no argument has {bs_timeout}"),
        ("[account]", "[acount]", 19, "unknown table [acount]"),
        ('timeout = "start"', 'timeout = "later"', 20, "unknown value 'later'"),
        (
            'security = ["psk"]\n',
            'security = ["psk"]\naccount_timeout = false\n',
            21,
            "contradicts supports.account_timeout",
        ),
        (
            'security = ["psk"]\n',
            'security = ["psk"]\nserver_initiated = true\n',
            7,
            "needs handle.listens = true",
        ),
        ("[start]", '[start]\nbinary = "PROG"', 9, "no word of the start command has {env.PROG}"),
        (
            'security = ["psk"]\n',
            'security = ["psk"]\nbootstrap_trigger = false\n[handle]\nstimuli = ["trigger"]\n',
            9,
            "trigger contradicts supports.bootstrap_trigger = false",
        ),
        (
            "[account]",
            '[handle]\nkeeps_state = false\nstimuli = ["restart"]\n[account]',
            21,
            "restart contradicts handle.keeps_state = false",
        ),
        (
            "[account]",
            "[handle]\nkeeps_state = false\nsurvives_power_cut = true\n[account]",
            21,
            "survives_power_cut = true contradicts keeps_state = false",
        ),
        ('timeout = "start"', 'timeout = "write"', 15, "{bs_timeout} never has a value"),
        ('"{bs_uri}"]', '"{bs_uri}", "{listen_port}"]', 9, "{listen_port} never has a value"),
        ('"{bs_uri}"]', '"{bs_uri}", "{bs_hold_off}"]', 9, "{bs_hold_off} never has a value"),
        ('timeout = "start"', 'timeout = "start"\nhold_off = true', 21, "no argument has {bs_hold"),
        ('["psk"]', '["nosec"]', 11, "{bs_key_hex} never has a value, for supports.security"),
        ('"{bs_uri}"]', '"{bs_uri}", "{server_uri}"]', 9, "no value in every variant"),
        ("[[expected]]", "[expected]", 25, "write [[expected]]"),
        ('reason = "known"', "", 25, "reason is missing"),
        ('scenario = "it"', "", 25, "needs scenario =, requirement ="),
        ('"FAIL"', '"PASS"', 27, "unknown value 'PASS'"),
        ('scenario = "it"', 'requirement = "X-1"', 26, "there is no requirement X-1"),
        ('scenario = "it"', 'requirement = "CLN-01"', 27, "of CLN-01 is WARN, never FAIL"),
        ('scenario = "it"', 'scenario = "it"\nexpires = "2030"', 27, "must be a day"),
        ('scenario = "it"', 'scenario = "it"\nexpires = 2030-01-01T00:00:00', 27, "a day"),
        ("[account]", "[readings]\nFIN-05 = 3\n[account]", 20, "must be a number from 1 to 2"),
        ("[account]", "[readings]\nCLN-05 = 1\n[account]", 20, "CLN-05 has no readings"),
        ("[account]", "[coap]\nack_timeout_s = 0\n[account]", 20, "from 0.1 to 600"),
        ("[account]", "[coap]\nmax_retransmit = 1.5\n[account]", 20, "must be"),
        ("[account]", "[handle]\nlistens = true\n[account]", 20, "no argument has {listen_port}"),
    ],
)
def test_wrong_profile_names_line_and_cause(
    tmp_path: Path, old: str, new: str, line: int, cause: str
) -> None:
    assert old in GOOD
    with pytest.raises(ProfileError) as caught:
        load(written(tmp_path, GOOD.replace(old, new, 1)))
    assert f"p.toml:{line}: " in str(caught.value)
    assert cause in str(caught.value)


def test_missing_start_command_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="command is missing in"):
        load(
            written(
                tmp_path,
                '[client]\nname = "c"\n[supports]\neditions = ["CR"]\nsecurity = ["psk"]\n',
            )
        )


def test_syntax_error_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="line 2"):
        load(written(tmp_path, "[client]\nname = \n"))


def test_missing_file_and_bad_encoding_are_told(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot be read"):
        load(tmp_path / "none.toml")
    path = tmp_path / "latin.toml"
    path.write_bytes(b'[client]\nname = "\xe9"\n')
    with pytest.raises(ProfileError, match="not UTF-8"):
        load(path)


def test_environment_placeholder_without_value_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = load(written(tmp_path, GOOD.replace('"prog"', '"{env.MY_CLIENT}"')))
    monkeypatch.delenv("MY_CLIENT", raising=False)
    with pytest.raises(ProfileError, match=r"p.toml:9: .*MY_CLIENT"):
        profile.start_command({"bs_uri": "u"}, "nosec")
    monkeypatch.setenv("MY_CLIENT", "/opt/client")
    assert profile.start_command({"bs_uri": "u"}, "nosec")[0] == "/opt/client"


def test_placeholder_without_value_in_this_variant_is_told(tmp_path: Path) -> None:
    profile = load(written(tmp_path, GOOD.replace('"prog"', '"{bs_key_hex}"')))
    with pytest.raises(ProfileError, match=r"\{bs_key_hex\} has no value"):
        profile.start_command({"bs_uri": "u"}, "nosec")


def test_port_to_listen_on_is_told_where_there_is_one(tmp_path: Path) -> None:
    told = '[[start.when]]\nhave = "listen_port"\narguments = ["-l", "{listen_port}"]\n[account]'
    text = GOOD.replace("[account]", "[handle]\nlistens = true\n" + told)
    profile = load(
        written(tmp_path, text.replace("\n\n[start]", "\nserver_initiated = true\n[start]"))
    )
    assert profile.listens and profile.supports["server_initiated"]
    assert "-l" not in profile.start_command({"bs_uri": "u"}, "nosec")
    values = {"bs_uri": "u", "listen_port": "20001"}
    assert profile.start_command(values, "nosec")[2:] == ["-l", "20001"]


def test_shipped_profiles_are_good() -> None:
    profiles = sorted((Path(__file__).parents[3] / "fixtures" / "profiles").glob("*.toml"))
    assert profiles
    for path in profiles:
        assert load(path).name


def test_a_warning_may_be_expected_of_a_row_that_is_read_otherwise(tmp_path: Path) -> None:
    lines = GOOD.replace('scenario = "it"', 'requirement = "FIN-05"').replace('"FAIL"', '"WARN"')
    (expected,) = load(written(tmp_path, lines)).expected
    assert expected.verdict.value == "WARN"
