"""Archives that mean harm: one line, little time and memory, and nothing written."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

from optlab.params import InputError
from optlab.problems.datasets import load_images
from tests.core.problems.cifar_archives import CIFAR10
from tests.core.problems.hostile_archives import (
    HARMLESS,
    HARMLESS_ZIPS,
    TARS,
    ZIPS,
    write,
)
from tests.promises import Note, Times

MOST_SECONDS = 5.0
MOST_GROWTH = 200.0
# In a process of its own: the peak of this one may be anybody's.
READ = """
import json, re, sys, time
from pathlib import Path
from optlab.params import InputError
from optlab.problems.datasets import load_images
status = Path("/proc/self/status")
# Not getrusage, which starts from the peak of the process that started this one.
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) / 1e3
answers = []
for name, folder in json.load(sys.stdin):
    Path("/proc/self/clear_refs").write_text("5")
    before, began = peak(), time.monotonic()
    try:
        load_images(name, folder=Path(folder))
        said = ""
    except InputError as error:
        said = str(error)
    answers.append([said, time.monotonic() - began, peak() - before])
print(json.dumps(answers))
"""


def tree(folder: Path) -> dict[str, int]:
    return {str(p.relative_to(folder)): p.lstat().st_size for p in folder.rglob("*")}


def made(tmp_path: Path, cases: dict[str, Callable[[], bytes]]) -> list[list[str]]:
    asked = []
    for number, (name, make) in enumerate(cases.items()):
        folder = tmp_path / "deep" / str(number) / "data"
        if name.startswith("zip "):
            asked.append([str(write(folder, "own.npz", make())), str(folder)])
        else:
            write(folder, CIFAR10.archive, make())
            asked.append(["cifar10", str(folder)])
    return asked


@pytest.mark.promise(15, "bombs take under 200 MB and 5 s and are refused in one line")
@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the peak")
def test_that_a_bomb_takes_little_memory_and_time(
    tmp_path: Path, times: Times, measured: Note
) -> None:
    cases = {**TARS, **{f"zip {name}": make for name, make in ZIPS.items()}}
    wanted = times(4, len(cases))
    chosen = dict(list(cases.items())[:: -(-len(cases) // wanted)])
    if wanted < len(cases):
        chosen["1,000,000 members"] = TARS["1,000,000 members"]
    asked = made(tmp_path, chosen)
    before = tree(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", READ],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    )
    answers = json.loads(done.stdout)
    longest, largest = (max(answer[i] for answer in answers) for i in (1, 2))
    measured(f"at most {longest:.1f} s, +{largest:.0f} MB")
    for name, (said, seconds, growth) in zip(chosen, answers, strict=True):
        assert said, f"{name} was read"
        assert "\n" not in said
        assert seconds < MOST_SECONDS, (name, seconds)
        assert growth < MOST_GROWTH, (name, growth)
    assert tree(tmp_path) == before
    assert done.stderr == ""


@pytest.mark.promise(15, "no byte is written outside, whatever members are called")
def test_that_nothing_is_written_whatever_members_are_called(
    tmp_path: Path, times: Times
) -> None:
    cases: dict[str, Callable[[], bytes]] = {
        **HARMLESS,
        **{f"zip {name}": make for name, make in HARMLESS_ZIPS.items()},
    }
    times(len(cases), len(cases))
    asked = made(tmp_path, cases)
    before = tree(tmp_path)
    for case, (name, folder) in zip(cases, asked, strict=True):
        began = monotonic()
        with suppress(InputError):
            load_images(name, folder=Path(folder))
        assert monotonic() - began < MOST_SECONDS, case
    assert tree(tmp_path) == before
