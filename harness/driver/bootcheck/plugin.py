# SPDX-License-Identifier: Apache-2.0
"""The pytest plugin: pytest collects and selects, Bootcheck runs and reports."""

from __future__ import annotations

import asyncio
import datetime
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Iterable, Optional

import pytest

from bootcheck import options, reports
from bootcheck.adapters import adapter_class
from bootcheck.audit.program import AuditError
from bootcheck.baseline import Baseline, unknown
from bootcheck.collection import ScenarioFile, ScenarioItem, same_names
from bootcheck.console import Progress, list_items
from bootcheck.declared import FactoryAudit, corrected, told
from bootcheck.execution import Execution, Interruption, use_pidfd_watcher
from bootcheck.lane import RunSettings
from bootcheck.layout import Layout
from bootcheck.output import routed
from bootcheck.profile import ProfileError
from bootcheck.provenance import header
from bootcheck.requirement import load_catalogue
from bootcheck.runlog import FILE_NAME, RunLog, VariantRecord
from bootcheck.terminal import Terminal
from bootcheck.time_scale import scaled
from bootcheck.verdict import ExitCode, Verdict, exit_code

_BROKEN = (Verdict.FAIL, Verdict.ERROR)
_SKIPPED = (Verdict.NOT_APPLICABLE, Verdict.EXPECTED_FAIL, Verdict.NOT_RUN)


class Plugin:
    """One run. `outcome` is None when pytest gave up before the run (a usage error)."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._options: Optional[options.RunOptions] = None
        self._session: Optional[pytest.Session] = None
        self._execution: Optional[Execution] = None
        self._progress: Optional[Progress] = None
        self._collection_problems: list[str] = []
        self._whole = False  # nothing is selected: every variant of the default is run
        self.outcome: Optional[ExitCode] = None

    # What pytest calls before it collects.

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        options.declare(parser)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "slow: runs only when -m asks for it")
        self._options = options.check(config, self._layout)
        self._whole = options.selects_nothing(config)
        if not config.option.file_or_dir:
            config.args = [str(self._layout.scenarios)]
        if not config.option.markexpr:
            config.option.markexpr = "not slow"
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:  # the console is ours
            config.pluginmanager.unregister(reporter)

    # Collection.

    def pytest_pycollect_makemodule(
        self, module_path: Path, parent: pytest.Collector
    ) -> pytest.Module:
        file: ScenarioFile = ScenarioFile.from_parent(parent, path=module_path)
        return file

    def pytest_ignore_collect(self, collection_path: Path) -> Optional[bool]:
        return True if collection_path.name.startswith(("_", ".", "conftest.py")) else None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._collection_problems.append(str(report.longrepr).strip())

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        unique = {item.nodeid: item for item in items}
        selected: list[pytest.Item] = []
        deselected: list[pytest.Item] = []
        for item in unique.values():
            (selected if self._wanted(config, item) else deselected).append(item)
        items[:] = selected
        if self._whole:
            self._check_expected(unique.values())
        if deselected:
            config.hook.pytest_deselected(items=deselected)

    def _check_expected(self, items: Iterable[pytest.Item]) -> None:
        """An expected result that speaks of nothing is a slip of the pen."""
        assert self._options is not None
        found = [item for item in items if isinstance(item, ScenarioItem)]
        problem = unknown(
            self._options.profile.expected,
            [(i.scenario.name, i.variant.edition, i.variant.security) for i in found],
        )
        if problem is not None:
            self._collection_problems.append(problem)

    def _wanted(self, config: pytest.Config, item: pytest.Item) -> bool:
        assert self._options is not None
        if not isinstance(item, ScenarioItem):
            return False
        if any(argument.endswith(f"::{item.name}") for argument in config.args):
            return True  # asked for by its node id
        variant = item.variant
        return (
            variant.edition in self._options.editions
            and variant.security in self._options.securities
        )

    # The run.

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        assert self._options is not None
        self._session = session
        items = [item for item in session.items if isinstance(item, ScenarioItem)]
        problems = self._collection_problems + same_names(items)
        if problems:
            self._give_up(ExitCode.USAGE, "\n\n".join(problems))
        elif not items:
            self._give_up(
                ExitCode.USAGE,
                "no scenario is selected; --list without -k and -m shows what there is",
            )
        elif self._options.list_only:
            list_items(items, sys.stdout)
            self.outcome = ExitCode.OK
        elif not self._layout.peer_program.is_file():
            self._give_up(
                ExitCode.ERROR,
                f"the peer is not built ({self._layout.peer_program}): start ./run_tests.py",
            )
        else:
            self.outcome = self._run(items, self._options)
        return True

    def _give_up(self, code: ExitCode, text: str) -> None:
        print(f"bootcheck: {text}", file=sys.stderr)
        self.outcome = code

    def _run(self, items: list[ScenarioItem], chosen: options.RunOptions) -> ExitCode:
        interruption = Interruption()
        use_pidfd_watcher()
        try:
            if chosen.profile.factories():
                print("bootcheck: the factory keys of the profile are audited", flush=True)
            audit = FactoryAudit.of(chosen.profile, self._layout)
            chosen = replace(chosen, profile=corrected(chosen.profile, audit))
        except (ProfileError, AuditError) as problem:
            code = ExitCode.USAGE if isinstance(problem, ProfileError) else ExitCode.ERROR
            self._give_up(code, str(problem))
            return code
        try:
            chosen.output.mkdir(parents=True, exist_ok=True)
            log = RunLog(chosen.output / FILE_NAME)
        except OSError as problem:
            self._give_up(ExitCode.USAGE, f"--output: {problem}: choose another folder")
            return ExitCode.USAGE
        self._progress = Progress(sys.stdout, len(items))
        try:
            with routed(chosen.output):
                return asyncio.run(self._in_loop(items, chosen, audit, log, interruption))
        finally:
            log.close()
            interruption.close()

    async def _in_loop(
        self,
        items: list[ScenarioItem],
        chosen: options.RunOptions,
        audit: FactoryAudit,
        log: RunLog,
        interruption: Interruption,
    ) -> ExitCode:
        assert self._progress is not None
        settings = RunSettings(
            profile=replace(
                chosen.profile, timings=scaled(chosen.profile.timings, chosen.time_scale)
            ),
            peer_program=self._layout.peer_program,
            strict=chosen.strict,
            seed=chosen.seed,
            client_arguments=chosen.client_arguments,
            time_scale=chosen.time_scale,
            terminal=Terminal.of_this_process() if adapter_class(chosen.profile).asks else None,
            allow_destructive=chosen.allow_destructive,
            factory_audit=audit,
        )
        baseline = Baseline(
            chosen.profile.expected,
            load_catalogue(),
            datetime.datetime.now(datetime.timezone.utc).date(),
            self._whole,
        )
        execution = Execution(
            items, settings, chosen.output, chosen.lanes, log, baseline, self._finished
        )
        self._execution = execution
        log.run(header(chosen, self._layout), list(execution.records.values()))
        interruption.attach(execution.stop)
        began = asyncio.get_running_loop().time()
        self._progress.begin(chosen.output)
        if chosen.profile.found_low:
            print(told(chosen.profile), flush=True)
        lag_us = await execution.run()
        records = list(execution.records.values())
        code = self._code(records)
        log.end(
            {
                "exit_code": int(code),
                "stopped": execution.stopped,
                "duration": round(asyncio.get_running_loop().time() - began, 6),
                "totals": reports.totals(records),
                "loop_lag_us": lag_us,
            }
        )
        self._progress.end()
        # Still in the loop, with the signal handlers that it has: a second signal loses nothing.
        reports.write(chosen.output, sys.stdout)
        if chosen.profile.found_low:  # again, where it is read: at the end
            print(told(chosen.profile))
        return code

    def _code(self, records: list[VariantRecord]) -> ExitCode:
        assert self._execution is not None
        results = [record.result for record in records]
        if self._execution.as_asked:
            results = [result for result in results if result.verdict is not Verdict.NOT_RUN]
        return exit_code(results)

    def _finished(self, item: ScenarioItem, record: VariantRecord) -> None:
        """Tell the console, and pytest, whose -x and --lf live on reports."""
        assert self._session is not None and self._execution is not None
        assert self._progress is not None
        self._progress.finished(record)
        report = _pytest_report(item, record)
        item.ihook.pytest_runtest_logreport(report=report)
        if self._session.shouldfail and not self._execution.stopped:
            self._execution.stop("stopped after the first failure (-x)", as_asked=True)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.outcome is not None:
            session.exitstatus = int(self.outcome)


def _pytest_report(item: ScenarioItem, record: VariantRecord) -> pytest.TestReport:
    verdict, reason = record.result.verdict, record.result.reason
    longrepr: Any = None
    if verdict in _SKIPPED:
        outcome = "skipped"
        longrepr = (str(item.path), 0, f"{verdict.value}: {reason}")
    elif verdict in _BROKEN:
        outcome, longrepr = "failed", f"{verdict.value}: {reason}"
    else:
        outcome = "passed"
    return pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={},
        outcome=outcome,  # type: ignore[arg-type]
        longrepr=longrepr,
        when="call",
        duration=record.duration,
    )
