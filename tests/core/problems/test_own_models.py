import random
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.problems.dropout import KeyedDropout
from optlab.problems.images import ImageFormat
from optlab.problems.own.models import OwnModel
from optlab.spec import spec_errors, spec_from_text

SMALL = ImageFormat(channels=1, size=4, classes=3)

NET = """
import torch
from torch import nn

class Net(nn.Module):
    "A net of my own."
    def __init__(self, channels=3, size=32, classes=10):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(channels * size * size, classes)
        )
    def forward(self, x):
        return self.layers(x)
"""
HEAD = "import torch\nfrom torch import nn\n"


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def written(folder: Path, text: str, name: str = "net.py") -> str:
    path = folder / name
    path.write_text(text)
    return f"{path}:Net"


def numeric_state() -> str:
    return repr(np.random.get_state())


def test_that_a_model_of_one_s_own_is_told_what_it_asks_for(tmp_path: Path) -> None:
    own = OwnModel(written(tmp_path, NET), SMALL)
    shapes = [tuple(p.shape) for p in own.build(generator()).parameters()]
    assert shapes == [(3, 16), (3,)]
    without = "def Net(classes): return nn.Sequential(nn.Flatten(), nn.LazyLinear)"
    text = HEAD + without.replace("nn.LazyLinear", "nn.Linear(16, classes)")
    made = OwnModel(written(tmp_path, text, "other.py"), SMALL)
    assert [tuple(p.shape) for p in made.build(generator()).parameters()] == shapes


@pytest.mark.parametrize(
    "draw",
    [
        "torch.randn(3)",
        "torch.tensor([random.random()] * 3)",
        "torch.from_numpy(numpy.random.normal(size=3)).float()",
    ],
)
def test_that_own_weights_follow_the_generator_and_nothing_else(
    draw: str, tmp_path: Path
) -> None:
    text = "import random\nimport numpy\n" + NET.replace(
        "    def forward", f"        self.extra = nn.Parameter({draw})\n    def forward"
    ).replace("self.layers(x)", "self.layers(x) + self.extra")
    own = OwnModel(written(tmp_path, text), SMALL)
    states = torch.get_rng_state(), random.getstate(), numeric_state()
    first = own.build(generator()).state_dict()
    torch.rand(3)
    random.random()
    torch.set_rng_state(states[0])
    random.setstate(states[1])
    again, other = own.build(generator()), own.build(generator(1))
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert numeric_state() == states[2]
    for name, value in again.state_dict().items():
        assert torch.equal(first[name], value)
        assert not torch.equal(other.state_dict()[name], value)


def test_that_a_file_which_seeds_the_global_generator_does_so_for_itself(
    tmp_path: Path,
) -> None:
    before = torch.get_rng_state()
    OwnModel(written(tmp_path, HEAD + "torch.manual_seed(3)\n" + NET), SMALL)
    assert torch.equal(torch.get_rng_state(), before)


def test_that_models_made_at_once_on_many_threads_have_the_same_weights(
    tmp_path: Path,
) -> None:
    own = OwnModel(written(tmp_path, NET), SMALL)
    found: list[torch.Tensor] = []

    def build() -> None:
        models = [own.build(generator()) for _ in range(20)]
        found.extend(next(model.parameters()).detach() for model in models)

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all(torch.equal(found[0], weight) for weight in found)


def test_that_torch_s_dropout_is_replaced_by_one_that_trials_share(
    tmp_path: Path,
) -> None:
    layers = "nn.Dropout(0.3), nn.Linear(channels * size * size, classes)"
    text = NET.replace("nn.Linear(channels * size * size, classes)", layers)
    text = text.replace("nn.Flatten(),", "nn.Dropout2d(0.4), nn.Flatten(),")
    model = OwnModel(written(tmp_path, text), SMALL).build(generator())
    found = [m for m in model.modules() if isinstance(m, KeyedDropout)]
    assert [(m.p, m.index, m.channels) for m in found] == [
        (0.4, 1, True),
        (0.3, 2, False),
    ]
    assert not [m for m in model.modules() if isinstance(m, torch.nn.Dropout)]


def test_that_a_file_may_import_its_neighbours_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    (tmp_path / "own_neighbour.py").write_text(NET)
    name = written(tmp_path, "from own_neighbour import Net\n")
    OwnModel(name, SMALL)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["net.py", "own_neighbour.py"]


LINEAR = "nn.Sequential(nn.Flatten(), nn.Linear(16, {n}))"
BAD = {
    "no file": (None, "no such file"),
    "no python": ("def Net(:\n", "line 1 is no Python"),
    "no such name": (HEAD + "class Nets(nn.Module): pass\n", "did you mean Nets"),
    "raises at import": (HEAD + "1 / 0\nNet = nn.Linear\n", "ZeroDivisionError"),
    "leaves at import": ("import sys\nsys.exit(3)\nNet = 1\n", "SystemExit: 3"),
    "a number": ("Net = 3\n", "a class or a function"),
    "raises when made": ("def Net(): raise OSError('no\\nway')", "OSError: no way"),
    "asks for more": (HEAD + "def Net(depth): return nn.Linear(1, 1)", "depth"),
    "no module": ("def Net(): return [1]\n", "a torch.nn.Module; it makes list"),
    "no parameters": (HEAD + "def Net(): return nn.Flatten()\n", "it has none"),
    "forward fails": (HEAD + "def Net(): return nn.Linear(5, 3)\n", "2 × 1 × 4 × 4"),
    "no forward": (HEAD + "class Net(nn.Module):\n  def __init__(self):\n    "
                   "super().__init__()\n    self.a = nn.Linear(1, 1)\n",
                   "NotImplementedError"),
    "too many": (HEAD + f"def Net(): return {LINEAR.format(n=4)}", "returns 2 × 4"),
    "no tensor": (
        HEAD + "class Net(nn.Linear):\n  def __init__(self): super().__init__(1, 1)\n"
        "  def forward(self, x): return None\n",
        "it returns NoneType",
    ),
    "scores of nothing": (
        HEAD + "class Net(nn.Linear):\n  def __init__(self): super().__init__(1, 1)\n"
        "  def forward(self, x): return torch.zeros(2, 3)\n",
        "depend on its parameters",
    ),
    "lazy": (HEAD + "def Net(): return nn.LazyLinear(3)\n", "weight is lazy"),
    "double": (HEAD + f"def Net(): return {LINEAR.format(n=3)}.double()", "float32"),
    "frozen": (
        HEAD + f"def Net(): return {LINEAR.format(n=3)}.requires_grad_(False)",
        "1.weight is frozen",
    ),
    "global draws": (
        NET.replace("self.layers(x)", "self.layers(x) + torch.rand(1)"),
        "torch.nn.Dropout",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_that_a_model_which_cannot_be_used_is_refused_in_one_line(
    case: str, tmp_path: Path
) -> None:
    text, says = BAD[case]
    name = f"{tmp_path / 'net.py'}:Net" if text is None else written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        OwnModel(name, SMALL)
    message = str(caught.value)
    assert message.startswith("problem.model = ")
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "name", ["net.py", "net.txt:Net", "./net", "net.py:", "a.py:1"]
)
def test_that_a_path_must_name_a_file_and_something_in_it(name: str) -> None:
    with pytest.raises(InputError, match=r"path/to/file\.py:Name"):
        OwnModel(name, SMALL)


SPEC = """
[problem]
name = "image-classification"
model = "{model}"
dataset = "{dataset}"
[training]
steps = 1
[[optimizers]]
name = "SGD"
"""


def test_that_a_catalog_knows_own_models_without_running_them(tmp_path: Path) -> None:
    catalog = load_catalog()
    flag = tmp_path / "ran"
    text = f"from pathlib import Path\nPath({str(flag)!r}).touch()\n" + NET
    name = written(tmp_path, text)
    info = catalog.models.get(name)
    assert (info.name, info.label, info.n_parameters) == (name, "Net", 0)
    assert name not in catalog.models
    spec = spec_from_text(SPEC.format(model=name, dataset="digits"), catalog)
    assert list(spec_errors(spec, catalog)) == []
    assert not flag.exists()
    Path(name.removesuffix(":Net")).unlink()
    (error,) = spec_errors(spec, catalog)
    assert error.key == "problem.model"
    assert "no such file" in str(error)


@pytest.mark.parametrize("key", ["model", "dataset"])
def test_that_a_misspelt_name_is_none_of_one_s_own(key: str) -> None:
    catalog = load_catalog()
    values = {"model": "seed-cnn", "dataset": "digits", key: "no-such"}
    with pytest.raises(
        InputError, match=rf"problem\.{key} = 'no-such': one of .*, or "
    ):
        spec_from_text(SPEC.format(**values), catalog)
