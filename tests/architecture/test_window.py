"""The rules that need Qt to be checked; run with the tests of the window."""

import pytest

from tests.architecture.source import modules, run_python
from tests.architecture.test_at_import import WATCHER
from tests.architecture.test_imports import AFTER_EACH

pytest.importorskip("PySide6")


def test_that_the_window_is_imported_without_torch() -> None:
    run_python("-c", AFTER_EACH, "torch", *modules("ui"))


def test_that_importing_the_window_does_no_work() -> None:
    assert run_python("-B", str(WATCHER), *modules("ui")).stdout.strip() == ""
