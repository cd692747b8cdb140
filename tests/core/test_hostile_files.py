"""Files that somebody sent are data: none runs code, and each is refused by name."""

import pickle
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from optlab.engine.checkpoints import unpack
from optlab.params import InputError
from optlab.plugins import TOLD, load_catalog, switched_off, untold_plugins
from optlab.problems.datasets import load_images
from optlab.registry import Catalog
from optlab.runner import Runner
from optlab.spec import read_spec, spec_from_text
from optlab.store.run_data import RunData
from optlab.sweep.replay import Replay
from optlab.trust import FILE, VARIABLE, is_trusted
from tests.core.gadgets import (
    GADGETS,
    Canary,
    archive_of,
    object_array,
    pickled,
    texts,
    torch_file,
)
from tests.core.problems.cifar_archives import CIFAR10, packed, put
from tests.core.problems.hostile_archives import npy
from tests.promises import Note, Times

SPEC = """
format = 1
[problem]
name = "quadratic"
[training]
steps = 20
[[optimizers]]
name = "Adam"
scheduler = { name = "CosineAnnealingLR", T_max = 20 }
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """Everything that OptLab ships."""
    return load_catalog()


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    """What shows whether code was run."""
    return Canary(tmp_path / "canary")


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> bytes:
    """A run file that can be gone on with."""
    folder = tmp_path_factory.mktemp("stopped")
    spec = spec_from_text(SPEC, catalog)
    runner = Runner(spec, catalog, folder=folder, device="cpu", until=0.5)
    for _ in runner.run():
        pass
    return runner.path.read_bytes()


def poison(path: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def refuse(act: Callable[[], object], named: str) -> None:
    with pytest.raises(InputError) as caught:
        act()
    said = str(caught.value)
    assert "\n" not in said
    assert named in said


@pytest.mark.parametrize("name", GADGETS)
def test_that_each_gadget_runs_code_where_it_is_unpickled(
    name: str, canary: Canary
) -> None:
    for protocol in (2, 5):
        data = pickled(canary, name, protocol)
        assert not canary.sang()
        pickle.loads(data)
        assert canary.sang()
        if canary.path.is_dir() and not canary.path.is_symlink():
            canary.path.rmdir()
        else:
            canary.path.unlink()


@pytest.mark.promise(14, "hostile run files and checkpoints: no code, refused by name")
def test_that_no_run_file_runs_code(
    stopped: bytes,
    catalog: Catalog,
    canary: Canary,
    tmp_path: Path,
    times: Times,
    measured: Note,
) -> None:
    path = tmp_path / "run.optlab"
    names = list(GADGETS)[: times(3, len(GADGETS))]
    count = 0

    def go_on() -> None:
        for _ in Runner.resume(path, catalog, device="cpu").run():
            pass

    def show() -> None:
        RunData.open(path)

    def replay() -> None:
        list(Replay(path, catalog, folder=tmp_path / "again").runners())

    for name in names:
        whole = (pickled(canary, name), torch_file(canary, name))
        for data in whole:
            path.write_bytes(data)
            refuse(lambda: RunData.open(path), str(path))
            refuse(go_on, str(path))
        checkpoints = (
            *whole,
            archive_of(tree=object_array(canary, name)),
            archive_of(tree=pickled(canary, name)),
            object_array(canary, name),
        )
        for data in checkpoints:
            path.write_bytes(stopped)
            poison(path, "UPDATE checkpoint SET data = ?", data)
            refuse(go_on, "checkpoint cannot be read")
            with pytest.raises(Exception, match=r"."):
                unpack(data)
            count += 1
    for text in texts(canary):
        for column, act in (("spec", go_on), ("state", show)):
            path.write_bytes(stopped)
            poison(path, f"UPDATE run SET {column} = ?", text.decode())
            refuse(act, str(path))
            count += 1
        poison(path, "UPDATE run SET state = 'stopped', versions = ?", text.decode())
        # Some of these are versions of packages of odd names, and no more.
        with suppress(InputError):
            show()
        path.write_bytes(stopped)
        tree = np.frombuffer(text, dtype=np.uint8).tobytes()
        poison(
            path,
            "UPDATE checkpoint SET data = ?",
            archive_of(tree=npy((len(tree),), "|u1") + tree),
        )
        refuse(go_on, "checkpoint cannot be read")
        refuse(replay, "checkpoint")
        count += 1
    assert not canary.sang()
    measured(f"{count} poisoned run files")


@pytest.mark.promise(14, "hostile data and experiments: no code, refused by name")
def test_that_no_data_and_no_experiment_run_code(
    catalog: Catalog,
    canary: Canary,
    tmp_path: Path,
    times: Times,
    measured: Note,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    labels = npy((4,), "|i1") + bytes([0, 1, 0, 1])
    # A long path is told by its beginning alone.
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE)
    own, spec = Path("own.npz"), Path("spec.toml")
    count = 0
    for name in list(GADGETS)[: times(5, len(GADGETS))]:
        objects = object_array(canary, name)
        for data in (
            pickled(canary, name),
            torch_file(canary, name),
            objects,
            archive_of(x=objects, y=labels),
            archive_of(x=pickled(canary, name), y=labels),
            # What the header says, and what then comes.
            archive_of(x=npy((4, 8, 8), "|O") + pickled(canary, name), y=labels),
        ):
            own.write_bytes(data)
            refuse(lambda: load_images(f"./{own}"), str(own))
            spec.write_bytes(data)
            refuse(lambda: read_spec(spec, catalog), str(spec))
            count += 2
        archive = {"cifar-10-batches-py/data_batch_1": pickled(canary, name)}
        put(tmp_path, CIFAR10, packed(archive))
        refuse(lambda: load_images("cifar10", folder=tmp_path), CIFAR10.archive)
        count += 1
    for text in texts(canary):
        spec.write_bytes(text)
        with pytest.raises(InputError):
            read_spec(spec, catalog)
        for file in (FILE, TOLD, "plugins-off.json"):
            (tmp_path / file).write_bytes(text)
        assert not is_trusted(text, tmp_path)
        assert switched_off(tmp_path) == frozenset()
        assert untold_plugins(tmp_path) == ()
        for key in ("expression", "start", "box"):
            tree = f"format = 1\n[problem]\nname = 'own-surface'\n{key} = '''\n"
            tree += f"{text.decode()}'''\n[training]\nsteps = 1\n[[optimizers]]\n"
            with pytest.raises(InputError):
                spec_from_text(f"{tree}name = 'SGD'", catalog)
        count += 7
    assert not canary.sang()
    measured(f"{count} files")
