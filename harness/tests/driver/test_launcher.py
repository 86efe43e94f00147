# SPDX-License-Identifier: Apache-2.0
"""run_tests.py starts under sh and under Python, and says what to do when it cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from project import WAIT_S

ROOT = Path(__file__).resolve().parents[3]
PYTHON = "/usr/bin/python3"

FAKE_DPKG = (
    '#!/bin/sh\nfor name; do case $name in -*|*"}"*) ;; *) echo "$name installed";; esac; done\n'
)
FAKE_CMAKE = """#!/bin/sh
echo "cmake $*" >> "$CALLS"
case "$1" in
  -S) mkdir -p "$4"; touch "$4/build.ninja" ;;
  --build) if [ -n "$BUILD_FAILS" ]; then echo "error: the compiler is unhappy"; exit 1; fi ;;
esac
"""
FAKE_DRIVER = """import os, sys
print("driver", sys.argv[1:], sys.executable, os.environ["PYTHONNOUSERSITE"])
sys.exit(3)
"""


class Checkout:
    """A copy of the launcher with stand-ins for the programs that it starts."""

    def __init__(self, root: Path) -> None:
        self.root = root / "checkout with space"
        self.programs = root / "bin"
        self.calls = root / "calls"
        package = self.root / "harness" / "driver" / "bootcheck"
        package.mkdir(parents=True)
        self.programs.mkdir()
        shutil.copy(ROOT / "run_tests.py", self.root)
        shutil.copy(ROOT / "harness" / "packages.txt", self.root / "harness")
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text(FAKE_DRIVER)
        for name in ("sh", "env", "id", "mktemp", "rm", "tail", "mkdir", "touch"):
            (self.programs / name).symlink_to(shutil.which(name) or name)
        self.program("dpkg-query", FAKE_DPKG)
        self.program("cmake", FAKE_CMAKE)

    def program(self, name: str, text: str) -> None:
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)

    def run(
        self, *command: str, user: int | None = None, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            env={"PATH": str(self.programs), "CALLS": str(self.calls), **environment},
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            stdin=subprocess.DEVNULL,
            cwd="/",
            user=user,
        )

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize("interpreter", [[], ["/bin/sh"], [PYTHON], [sys.executable]])
def test_it_starts_the_driver_from_any_interpreter(
    checkout: Checkout, interpreter: list[str]
) -> None:
    launcher = str(checkout.root / "run_tests.py")
    process = checkout.run(*interpreter, launcher, "-k", "a b", "--client", "x'\"y")
    assert process.returncode == 3, process.stderr
    assert process.stdout.splitlines()[-1] == (
        f"driver {['-k', 'a b', '--client', chr(120) + chr(39) + chr(34) + 'y']} {PYTHON} 1"
    )


def test_it_builds_once_and_then_incrementally(checkout: Checkout) -> None:
    launcher = str(checkout.root / "run_tests.py")
    first = checkout.run(launcher)
    assert "building into build/release" in first.stdout
    configure, build = checkout.called()
    assert "-DBOOTCHECK_TESTS=OFF" in configure and build.startswith("cmake --build")
    second = checkout.run(launcher)
    assert second.stdout.startswith("driver"), "quiet when nothing is new"
    assert len(checkout.called()) == 4


@pytest.mark.parametrize("arguments", [["report", "x"], ["--list"], ["--help"], ["--version"]])
def test_what_needs_no_peer_builds_nothing(checkout: Checkout, arguments: list[str]) -> None:
    assert checkout.run(str(checkout.root / "run_tests.py"), *arguments).returncode == 3
    assert checkout.called() == []


def test_a_failed_build_shows_the_end_of_its_log(checkout: Checkout) -> None:
    process = checkout.run(str(checkout.root / "run_tests.py"), BUILD_FAILS="1")
    assert process.returncode == 4
    assert "the compiler is unhappy" in process.stderr and "log: " in process.stderr
    assert "driver" not in process.stdout


def test_missing_packages_are_installed(checkout: Checkout) -> None:
    checkout.program("dpkg-query", "#!/bin/sh\necho 'gcc installed'\nexit 1\n")
    apt = '#!/bin/sh\necho "apt-get $*" >> "$CALLS"\n'
    checkout.program("apt-get", apt)
    checkout.program("sudo", '#!/bin/sh\nshift\nexec "$@"\n')
    process = checkout.run(str(checkout.root / "run_tests.py"), "report", "x")
    assert process.returncode == 3, process.stderr
    update, install = checkout.called()
    assert update.endswith("update")
    assert "--no-install-recommends cmake" not in install  # the list's order is kept
    assert " cmake " in install and " gcc " not in install and "tshark" not in install


def test_the_selftest_needs_more_packages(checkout: Checkout) -> None:
    checkout.program("dpkg-query", "#!/bin/sh\nexit 1\n")
    checkout.program("apt-get", '#!/bin/sh\necho "apt-get $*" >> "$CALLS"\n')
    checkout.program("sudo", '#!/bin/sh\nshift\nexec "$@"\n')
    checkout.run(str(checkout.root / "run_tests.py"), "selftest")
    installs = [line for line in checkout.called() if " install " in line]
    assert len(installs) == 1 and " tshark" in installs[0] and " check" in installs[0]


def test_a_failed_installation_is_a_usage_error_with_its_log(checkout: Checkout) -> None:
    checkout.program("dpkg-query", "#!/bin/sh\nexit 1\n")
    checkout.program("apt-get", "#!/bin/sh\necho 'E: no network' >&2\nexit 100\n")
    checkout.program("sudo", '#!/bin/sh\nshift\nexec "$@"\n')
    process = checkout.run(str(checkout.root / "run_tests.py"))
    assert process.returncode == 2 and "E: no network" in process.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("sudo", [None, "#!/bin/sh\nexit 1\n"])
def test_without_root_and_sudo_the_command_is_printed(sudo: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:  # not tmp_path, which only its owner can enter
        Path(folder).chmod(0o755)
        checkout = Checkout(Path(folder))
        checkout.root.chmod(0o777)
        checkout.program("dpkg-query", "#!/bin/sh\nexit 1\n")
        if sudo is not None:
            checkout.program("sudo", sudo)
        process = checkout.run(str(checkout.root / "run_tests.py"), user=65534)
        assert process.returncode == 2, process.stdout + process.stderr
        assert "run this as root:\n  apt-get update && apt-get" in process.stderr
        assert " gcc " in process.stderr and "Traceback" not in process.stderr


def test_a_folder_that_cannot_be_written_is_told(checkout: Checkout) -> None:
    (checkout.root / "build").write_text("a file")
    process = checkout.run(str(checkout.root / "run_tests.py"))
    assert process.returncode == 2
    assert "cannot be made" in process.stderr


def test_the_shell_part_installs_python(checkout: Checkout) -> None:
    """With a path that has no python3, as on a bare machine."""
    launcher = checkout.root / "run_tests.py"
    missing = str(checkout.programs / "python3")
    launcher.write_text(launcher.read_text().replace("/usr/bin/python3", missing))
    process = checkout.run("/bin/sh", str(launcher))
    assert process.returncode == 2 and "install Python 3.11" in process.stderr

    checkout.program("sudo", '#!/bin/sh\nshift\nexec "$@"\n')
    python = f'echo "apt-get $*" >> "$CALLS"; [ "$1" = update ] || ln -s {PYTHON} {missing}'
    checkout.program("apt-get", f"#!/bin/sh\n{python}\n")
    (checkout.programs / "ln").symlink_to(shutil.which("ln") or "ln")
    process = checkout.run("/bin/sh", str(launcher), "report", "x")
    assert process.returncode == 3, process.stdout + process.stderr
    assert [line.split()[1] for line in checkout.called()] == ["update", "install"]


def test_every_package_set_is_known() -> None:
    text = (ROOT / "harness" / "packages.txt").read_text()
    sets = [line.split(":")[0] for line in text.splitlines() if not line.startswith("#")]
    assert sets == ["run", "selftest", "time-scale", "labgrid", "ci"]
