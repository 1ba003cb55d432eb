"""Hypothesis profiles and shared paths."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dev", max_examples=30, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "nightly", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session")
def root() -> Path:
    """Top level of the checkout."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def pdflatex() -> str:
    """Path of pdflatex; on CI it must be there, elsewhere its absence is a visible skip."""
    found = shutil.which("pdflatex")
    if found is None and os.environ.get("CI"):
        pytest.fail("pdflatex is not installed, and CI must compile what the package prints")
    if found is None:
        pytest.skip("pdflatex is not installed")
    return found
