# SPDX-License-Identifier: Apache-2.0
"""The options of a run: declared to pytest, then checked and kept as data."""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

import pytest

from bootcheck import adapters
from bootcheck import profile as profiles
from bootcheck import time_scale
from bootcheck.layout import Layout
from bootcheck.runlog import FILE_NAME
from bootcheck.scenario import EDITIONS, SECURITIES
from bootcheck.terminal import Terminal

DEFAULT_EDITIONS = ("CR", "1.1")
DEFAULT_CLIENT = "reference-client"
STRICT = "--strict-verdicts"  # what --strict becomes: pytest has an option of that name
_REFUSED = {
    "usepdb": ("--pdb", "many scenarios run at once: use -k to run one and read its trace"),
    "trace": ("--trace", "many scenarios run at once: use -k to run one and read its trace"),
    "stepwise": ("--stepwise", "use -x to stop at the first failure and --lf to repeat it"),
}

USAGE = f"""\
usage: run_tests.py [OPTIONS] [FILE[::NAME[VARIANT]] ...]   run scenarios against a client
       run_tests.py report DIR                            make junit.xml and the table again
       run_tests.py results DIR ...                       several clients side by side
       run_tests.py explain [ID]                          a requirement and what tests it
       run_tests.py coverage [--check]                    how each requirement is tested, or why not
       run_tests.py rules                                 make docs/cleanup-rules.md again
       run_tests.py review [--client PROFILE]             what a profile decides before a run
       run_tests.py probe [--client PROFILE]              what a client supports, by experiment
       run_tests.py doctor [--client PROFILE]             what a run needs, and what to mend
       run_tests.py audit-keys --keys FILE | --client P   whether keys show low entropy
       run_tests.py selftest [--full] [PART ...]           test Bootcheck itself

what to run
  --client PROFILE        a name in fixtures/profiles or the path of a profile ({DEFAULT_CLIENT})
  --binary PATH           the client's program, for a profile that asks for it
  --edition EDITION       {', '.join(EDITIONS)}; repeatable
                          (default: {" and ".join(DEFAULT_EDITIONS)}, as far as claimed; without
                          1.1 the latest that is)
  --security SECURITY     {', '.join(SECURITIES)}; repeatable (default: all)
  -k EXPRESSION           by name: scenarios, requirements, editions and securities
                          (-k CLN-05, -k "psk and not 1.1")
  -m EXPRESSION           by mark; slow scenarios run only when -m asks for them (-m slow)
  --lf                    only what failed last time
  --list                  show what would run, and run nothing
how
  --client-argument ARG   append ARG to the client's start command; repeatable
  --time-scale N          the client's clock runs N times faster (see docs/adapters.md)
  --allow-destructive     purge also devices that cannot be reset to their factory state
  --lanes N               scenarios that run at once (64)
  --strict                what would be WARN is FAIL
  --seed N                for everything that is random (default: drawn, and recorded)
  -x                      stop at the first failure
  --output DIR            where results go (default: reports/TIME-CLIENT)

exit code: 0 all passed, 1 a client failed, 2 usage or nothing applicable, 3 inconclusive,
4 the harness failed or the run was not finished
"""


@dataclass(frozen=True)
class RunOptions:
    """The options of one run, checked."""

    profile: profiles.Profile
    editions: tuple[str, ...]
    securities: tuple[str, ...]
    lanes: int
    list_only: bool
    strict: bool
    seed: int
    output: Path
    client_arguments: tuple[str, ...]
    time_scale: int
    allow_destructive: bool


def default_editions(claimed: Sequence[str]) -> tuple[str, ...]:
    """What is run unless told: CR and 1.1; a client of another published edition in its latest."""
    latest = [edition for edition in EDITIONS if edition in claimed and edition != "CR"][-1:]
    wanted = DEFAULT_EDITIONS if "1.1" in claimed else ("CR", *latest)
    return tuple(edition for edition in wanted if edition in claimed)


def declare(parser: pytest.Parser) -> None:
    """Tell pytest of our options."""
    group = parser.getgroup("bootcheck")
    group.addoption("--client", default=DEFAULT_CLIENT, metavar="PROFILE")
    group.addoption("--binary", default=None, metavar="PATH")
    group.addoption("--edition", action="append", default=[], metavar="EDITION")
    group.addoption("--security", action="append", default=[], metavar="SECURITY")
    group.addoption("--client-argument", action="append", default=[], metavar="ARG")
    group.addoption("--allow-destructive", action="store_true", dest="allow_destructive")
    group.addoption("--time-scale", default="1", metavar="N")
    group.addoption("--lanes", default="64", metavar="N")
    group.addoption("--list", action="store_true", dest="list_only")
    group.addoption(STRICT, action="store_true", dest="strict_verdicts")
    group.addoption("--seed", default=None, metavar="N")
    group.addoption("--output", default=None, metavar="DIR")


def check(config: pytest.Config, layout: Layout) -> RunOptions:
    """The options of this run. Raises pytest.UsageError with what is wrong and what to do."""
    for destination, (option, advice) in _REFUSED.items():
        if config.getoption(destination, default=False):
            raise pytest.UsageError(f"{option} cannot be used here: {advice}")
    try:
        profile = profiles.load(profile_path(config.getoption("client"), layout))
        adapters.check(profile)
        set_binary(profile, config.getoption("binary"))
        asks = adapters.adapter_class(profile).asks and not config.getoption("list_only")
    except profiles.ProfileError as problem:
        raise pytest.UsageError(str(problem)) from None
    if asks and not Terminal.is_there():
        raise pytest.UsageError(
            f"{profile.where('handle.adapter')}: a person is asked to handle the device, and there "
            "is no terminal: start run_tests.py in one, with its input and output left to it"
        )
    editions = _choices(config, "edition", EDITIONS)
    if not editions:
        editions = default_editions(profile.editions)
    seed = config.getoption("seed")
    return RunOptions(
        profile=profile,
        editions=editions,
        securities=_choices(config, "security", SECURITIES) or SECURITIES,
        lanes=_number("--lanes", config.getoption("lanes"), 1, 4096),
        list_only=config.getoption("list_only"),
        strict=config.getoption("strict_verdicts"),
        seed=_number("--seed", seed, 0, 2**32 - 1)
        if seed
        else random.SystemRandom().getrandbits(32),
        output=_output(config.getoption("output"), layout, profile.path.stem),
        client_arguments=tuple(config.getoption("client_argument")),
        time_scale=_time_scale(config.getoption("time_scale"), profile),
        allow_destructive=config.getoption("allow_destructive"),
    )


def set_binary(profile: profiles.Profile, given: str | None) -> None:
    """Say where the client's program is, for its start command. Raises ProfileError."""
    if given is None:
        return
    if profile.binary is None:
        raise profiles.ProfileError(
            f"--binary: {profile.where('start')} does not ask for a program: "
            'it needs binary = "NAME" in [start], and {env.NAME} in its command'
        )
    path = Path(given).absolute()  # clients run in directories of their own
    if not path.is_file():
        raise profiles.ProfileError(f"--binary {given}: there is no such file")
    os.environ[profile.binary] = str(path)


def selects_nothing(config: pytest.Config) -> bool:
    """Whether everything that is run by default is run."""
    chosen = ("file_or_dir", "keyword", "markexpr", "edition", "security", "lf", "deselect")
    return not any(config.getoption(name, default=None) for name in chosen)


def profile_path(wanted: str, layout: Layout) -> Path:
    """Where a profile is, by name or path. Raises ProfileError."""
    if "/" in wanted or wanted.endswith(".toml"):
        path = Path(wanted)
        if not path.is_file():
            raise profiles.ProfileError(f"--client {wanted}: there is no such file")
        return path
    path = layout.profiles / f"{wanted}.toml"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in layout.profiles.glob("*.toml"))) or "none"
        raise profiles.ProfileError(
            f"--client {wanted}: there is no {path}; known are {known};"
            " or give the path of a profile"
        )
    return path


def _choices(config: pytest.Config, option: str, known: tuple[str, ...]) -> tuple[str, ...]:
    chosen = config.getoption(option)
    for value in chosen:
        if value not in known:
            raise pytest.UsageError(f"--{option} {value}: unknown; known are {', '.join(known)}")
    return tuple(value for value in known if value in chosen)


def _number(option: str, text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise pytest.UsageError(f"{option} {text}: must be a number from {least} to {most}")
    return int(text)


def _time_scale(text: str, profile: profiles.Profile) -> int:
    factor = _number("--time-scale", text, 1, time_scale.MOST)
    if factor != 1:
        try:
            time_scale.check(factor, profile)
        except time_scale.TimeScaleError as problem:
            raise pytest.UsageError(f"--time-scale {factor}: {problem}") from None
    return factor


def _output(wanted: str | None, layout: Layout, client: str) -> Path:
    if wanted is not None:
        path = Path(wanted).absolute()
        if (path / FILE_NAME).exists():
            raise pytest.UsageError(
                f"--output {wanted}: has results already; choose another folder"
            )
        if path.exists() and not path.is_dir():
            raise pytest.UsageError(f"--output {wanted}: is not a folder")
        return path
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    path = layout.reports / f"{stamp}-{client}"
    number = 1
    while path.exists():
        number += 1
        path = layout.reports / f"{stamp}-{client}-{number}"
    return path
