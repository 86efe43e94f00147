# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the driver's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
