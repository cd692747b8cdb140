"""An import defines things; it does nothing else."""

from pathlib import Path

from tests.architecture import at_import
from tests.architecture.source import modules, run_python

WATCHER = Path(at_import.__file__)

CULPRIT = """
import os, threading
open(os.devnull, "w").close()
os.environ["CULPRIT"] = "1"
threading.Thread(target=threading.Event().wait, daemon=True).start()
"""


def test_that_importing_the_core_does_no_work() -> None:
    core = [name for name in modules() if not name.startswith("optlab.ui")]
    assert run_python("-B", str(WATCHER), *core).stdout.strip() == ""


def test_that_work_at_import_would_be_seen(tmp_path: Path) -> None:
    package = tmp_path / "optlab"
    package.mkdir()
    (package / "__init__.py").write_text(CULPRIT, encoding="utf-8")
    start = f"import sys, runpy; sys.path.insert(0, {str(tmp_path)!r}); "
    start += f"runpy.run_path({str(WATCHER)!r}, run_name='__main__')"
    said = run_python("-B", "-c", start, "optlab").stdout
    assert "for writing" in said
    assert "os.putenv" in said
    assert "changes threads" in said
