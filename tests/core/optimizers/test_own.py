"""Optimizers of a user's own: a form from the signature, one line for what is wrong."""

import sys
from pathlib import Path

import pytest
import torch

from optlab.optimizers.build import build_optimizer
from optlab.optimizers.own import own_optimizer
from optlab.params import InputError, Kind, Values
from optlab.registry import OptimizerInfo

HEAD = "import torch\nfrom torch.optim import Optimizer\n"
GOOD = '''
class Mine(Optimizer):
    """Descent with a twist.

    Args:
        lr: How far to go.
        twist (float): How much twist.
    """

    draws = True
    needs_closure: bool = True

    def __init__(
        self, params, lr=0.05, betas=(0.9, 0.99), *, twist: float = 0, on=False,
        mode="plain", k: "int | None" = None, callback=print, limit=float("inf"),
    ):
        super().__init__(params, dict(lr=lr, twist=twist))
        self.given = (lr, betas, twist, on, mode, k)

    def step(self, closure):
        loss = closure()
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    p.add_(p.grad, alpha=-group["lr"])
        return loss
'''


def opened(tmp_path: Path, text: str, name: str = "Mine") -> OptimizerInfo:
    path = tmp_path / "mine.py"
    path.write_text(HEAD + text, encoding="utf-8")
    info = own_optimizer(f"{path}:{name}", "optimizers.0.name")
    assert info is not None
    return info


def built(info: OptimizerInfo, **values: float) -> torch.optim.Optimizer:
    x = torch.nn.Parameter(torch.tensor([3.0], dtype=torch.float64))
    return build_optimizer(info, Values(values), [("x", x)]).optimizer


def test_that_a_form_follows_from_the_signature(tmp_path: Path) -> None:
    info = opened(tmp_path, GOOD)
    assert (info.label, info.home) == ("Mine", "own")
    assert info.description == "Descent with a twist."
    kinds = {spec.name: (spec.kind, spec.default) for spec in info.params}
    assert kinds == {
        "lr": (Kind.FLOAT, 0.05),
        "betas": (Kind.FLOATS, (0.9, 0.99)),
        "twist": (Kind.FLOAT, 0.0),
        "on": (Kind.BOOL, False),
        "mode": (Kind.TEXT, "plain"),
        "k": (Kind.INT, None),
    }
    assert info.param("twist").meaning == "How much twist."
    assert info.param("betas").meaning.startswith("Decay rates")
    assert info.param("k").optional


def test_that_the_body_of_the_class_says_what_the_engine_must_know(
    tmp_path: Path,
) -> None:
    info = opened(tmp_path, GOOD)
    assert info.draws
    assert info.needs_closure
    assert not info.mode_switch
    assert not info.second_derivatives


def test_that_reading_a_file_does_not_run_it(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    opened(tmp_path, f"open({str(mark)!r}, 'w')\n" + GOOD)
    assert not mark.exists()


def test_that_it_is_built_with_what_the_form_says(tmp_path: Path) -> None:
    before = list(sys.path)
    optimizer = built(opened(tmp_path, GOOD), lr=0.5, twist=2.0)
    assert optimizer.given == (0.5, (0.9, 0.99), 2.0, False, "plain", None)  # type: ignore[attr-defined]
    assert sys.path == before
    assert not (tmp_path / "__pycache__").exists()


def test_that_a_changed_file_counts(tmp_path: Path) -> None:
    assert opened(tmp_path, GOOD).param("lr").default == 0.05
    changed = GOOD.replace("lr=0.05", "lr=0.1")
    assert opened(tmp_path, changed).param("lr").default == 0.1
    assert built(opened(tmp_path, changed)).param_groups[0]["lr"] == 0.1


def test_that_a_class_without_a_constructor_has_that_of_its_base(
    tmp_path: Path,
) -> None:
    info = opened(tmp_path, "class Mine(torch.optim.AdamW):\n    pass\n")
    assert info.param("weight_decay").default == 0.01
    assert info.family == "adaptive"
    assert isinstance(built(info, lr=0.5), torch.optim.AdamW)
    text = GOOD + "\nclass Other(Mine):\n    needs_closure = False\n"
    other = opened(tmp_path, text, "Other")
    assert [p.name for p in other.params] == [
        p.name for p in opened(tmp_path, GOOD).params
    ]
    assert not other.needs_closure


def test_that_words_without_a_path_are_left_to_the_catalog() -> None:
    assert own_optimizer("Adam", "name") is None


CLASS = "class Mine(Optimizer):\n    def __init__(self, params, lr=1.0"
BAD = {
    "no such class": (GOOD.replace("Mine", "Mime"), "did you mean Mime"),
    "no Python": ("class Mine(", "line 3 is no Python"),
    "no constructor": ("class Mine(Optimizer):\n    pass\n", "an __init__ of its own"),
    "no default": (CLASS + ", size=None, what=...): pass\n", ""),
    "a default missing": (
        "class Mine(Optimizer):\n    def __init__(self, params, size): pass\n",
        "the parameter size of its __init__ needs a default",
    ),
}


@pytest.mark.parametrize("case", [case for case in BAD if BAD[case][1]])
def test_that_a_file_that_cannot_be_used_is_refused_in_one_line(
    case: str, tmp_path: Path
) -> None:
    text, words = BAD[case]
    with pytest.raises(InputError) as caught:
        opened(tmp_path, text)
    assert caught.value.key == "optimizers.0.name"
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_that_what_no_form_can_hold_stays_at_its_default(tmp_path: Path) -> None:
    info = opened(tmp_path, BAD["no default"][0])
    assert [spec.name for spec in info.params] == ["lr"]


BROKEN = {
    "raises at import": ("raise RuntimeError('two\\nlines')\n" + GOOD, "two lines"),
    "leaves at import": ("import sys\nsys.exit(3)\n" + GOOD, "raises at import"),
    "no optimizer": (GOOD.replace("(Optimizer)", ""), "torch.optim.Optimizer"),
    "raises when made": (CLASS + "):\n        1 / 0\n", "ZeroDivisionError"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_that_code_that_raises_is_refused_in_one_line(
    case: str, tmp_path: Path
) -> None:
    text, words = BROKEN[case]
    info = opened(tmp_path, text)
    with pytest.raises(InputError) as caught:
        built(info)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["./nothing.py:Mine", "./mine.py", "./mine.txt:Mine"])
def test_that_a_wrong_path_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        own_optimizer(name, "name")
    assert caught.value.value == name


def test_that_an_empty_or_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    for content in (b"", b"\0\0", b"\xff\xfe"):
        path.write_bytes(content)
        with pytest.raises(InputError):
            own_optimizer(f"{path}:Mine", "name")


def test_that_a_switch_without_its_methods_is_refused(tmp_path: Path) -> None:
    text = (
        "class Mine(torch.optim.SGD):\n    mode_switch = True\n"
        "    def __init__(self, params, lr=0.1):\n"
        "        super().__init__(params, lr)\n"
    )
    with pytest.raises(InputError, match=r"methods train\(\) and eval\(\)"):
        built(opened(tmp_path, text))
