#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
""":"
# A script for sh and for Python: sh brings the distribution's python3 if the machine has none.
if [ ! -x /usr/bin/python3 ]; then
  install="apt-get install -yq --no-install-recommends -o DPkg::Lock::Timeout=300 python3"
  if ! command -v apt-get >/dev/null; then
    echo "run_tests.py: no /usr/bin/python3 and no apt-get here: install Python 3.11 or later" >&2
    exit 2
  elif [ "$(id -u)" = 0 ]; then
    as_root=
  elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
  else
    echo "run_tests.py: python3 is missing and only root can install it; run this as root:" >&2
    echo "  apt-get update && $install" >&2
    exit 2
  fi
  echo "run_tests.py: installing python3"
  log=$(mktemp)
  if ! { $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive $install; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    echo "run_tests.py: python3 could not be installed: see above" >&2
    exit 2
  fi
  rm -f "$log"
  export BOOTCHECK_APT_UPDATED=1
fi
exec /usr/bin/python3 "$0" "$@"
":"""
from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
APT = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
COMMANDS = (
    "selftest",
    "report",
    "explain",
    "coverage",
    "rules",
    "results",
    "install",
    "doctor",
    "probe",
    "review",
    "audit-keys",
)
USAGE, HARNESS_ERROR = 2, 4


class SetUpError(Exception):
    """The machine or the build is not ready; the text says what to do."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


def wanted_packages(sets: list[str]) -> list[str]:
    """The packages of these sets of harness/packages.txt."""
    packages: list[str] = []
    known: list[str] = []
    for line in (ROOT / "harness/packages.txt").read_text().splitlines():
        name, colon, rest = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        known.append(name)
        if name in sets:
            packages += rest.split()
    if not sets or not set(sets) <= set(known):
        raise SetUpError(f"install: name sets of packages: {', '.join(known)}", USAGE)
    return packages


def missing_packages(packages: list[str]) -> list[str]:
    """Those that dpkg does not have installed; all when there is no dpkg."""
    form = "${Package} ${db:Status-Status}\n"
    try:
        query = subprocess.run(
            ["dpkg-query", "-W", "-f", form, *packages], capture_output=True, text=True
        )
    except FileNotFoundError:
        return packages
    installed = {
        line.split()[0] for line in query.stdout.splitlines() if line.endswith(" installed")
    }
    return [package for package in packages if package not in installed]


def root_prefix() -> list[str] | None:
    """What to put before a command so that root runs it; None when there is no way."""
    if os.geteuid() == 0:
        return []
    try:
        allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return None
    return ["sudo", "-n"] if allowed else None


def packages_mark(packages: list[str]) -> str:
    """A digest that changes when the list or the installed packages change."""
    try:
        changed = os.stat("/var/lib/dpkg/status").st_mtime_ns
    except OSError:
        changed = 0
    return hashlib.sha256(f"{packages} {changed}".encode()).hexdigest()


def install_packages(sets: list[str]) -> None:
    """Install what is missing; a stamp makes the next start quick."""
    packages = wanted_packages(sets)
    stamp = ROOT / "build" / f"packages-{'-'.join(sets)}.stamp"
    if stamp.exists() and stamp.read_text() == packages_mark(packages):
        return
    missing = missing_packages(packages)
    if missing:
        install = [*APT, "install", "-y", "--no-install-recommends", *missing]
        prefix = root_prefix()
        if prefix is None:
            raise SetUpError(
                "packages are missing and only root can install them; run this as root:\n"
                f"  apt-get update && {' '.join(install)}",
                USAGE,
            )
        print(f"run_tests.py: installing {' '.join(missing)}", flush=True)
        if not os.environ.get("BOOTCHECK_APT_UPDATED"):
            run_logged([*prefix, *APT, "update"], "packages", USAGE)
        run_logged([*prefix, "env", "DEBIAN_FRONTEND=noninteractive", *install], "packages", USAGE)
    stamp.write_text(packages_mark(packages))


def run_logged(command: list[str], log_name: str, code: int) -> None:
    """Run a command quietly; when it fails, show the end of its log and give up with this code."""
    log = ROOT / "build" / f"{log_name}.log"
    try:
        with open(log, "ab") as out, open(os.devnull, "rb") as nothing:
            start = out.tell()
            failed = subprocess.run(command, stdin=nothing, stdout=out, stderr=out).returncode
    except FileNotFoundError:
        raise SetUpError(f"{command[0]} is not on this machine: install it", code) from None
    if failed:
        with open(log, "rb") as text:
            text.seek(start)
            lines = text.read().decode(errors="replace").splitlines()
        end = "\n".join(lines[-40:])
        raise SetUpError(f"this failed ({failed}): {' '.join(command)}\n{end}\nlog: {log}", code)


def build(name: str, options: list[str], targets: list[str]) -> None:
    """Configure and build into build/NAME; quick when nothing changed."""
    directory = ROOT / "build" / name
    log = ROOT / "build" / f"{name}.log"
    log.unlink(missing_ok=True)
    if not (directory / "build.ninja").exists():
        print(f"run_tests.py: building into build/{name}", flush=True)
    # each time, in 0.2 s: a folder that came with an update is found by this only
    configure = ["cmake", "-S", str(ROOT), "-B", str(directory), "-G", "Ninja", *options]
    run_logged(configure, name, HARNESS_ERROR)
    run_logged(["cmake", "--build", str(directory), *targets], name, HARNESS_ERROR)


def prepare(command: str, arguments: list[str]) -> None:
    """Everything that a command needs before the driver can start."""
    more = ["selftest"] if command == "selftest" else []
    if any(argument.startswith("--time-scale") for argument in arguments):
        more.append("time-scale")
    try:
        (ROOT / "build").mkdir(exist_ok=True)
    except OSError as problem:
        raise SetUpError(f"{ROOT / 'build'} cannot be made: {problem.strerror}", USAGE) from None
    with open(ROOT / "build" / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once must not build over each other
        if command == "install":
            return install_packages(arguments)
        install_packages(["run", *more])
        if command in ("run", "selftest", "doctor", "probe", "audit-keys"):
            build("release", ["-DBOOTCHECK_TESTS=OFF"], [])


def main(arguments: list[str]) -> None:
    command = arguments[0] if arguments and arguments[0] in COMMANDS else "run"
    if {"-h", "--help", "--version", "--list"} & set(arguments):
        command = "show"
    try:
        prepare(command, arguments[1:] if command == "install" else arguments)
    except SetUpError as problem:
        print(f"run_tests.py: {problem}", file=sys.stderr)
        sys.exit(problem.code)
    if command == "install":
        return
    environment = dict(os.environ)
    environment.update(
        PYTHONPATH=str(ROOT / "harness" / "driver"),
        PYTHONNOUSERSITE="1",
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
    )
    for foreign in ("PYTHONHOME", "PYTHONSTARTUP", "BOOTCHECK_APT_UPDATED"):
        environment.pop(foreign, None)
    sys.stdout.flush()
    os.execve(PYTHON, [PYTHON, "-m", "bootcheck", *arguments], environment)


if __name__ == "__main__":
    if sys.executable != PYTHON and os.path.realpath(sys.executable) != os.path.realpath(PYTHON):
        os.execv(PYTHON, [PYTHON, *sys.argv])
    main(sys.argv[1:])
