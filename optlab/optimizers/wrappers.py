"""Catalog entries of OptLab's own wrappers: weight averages and caution.

Data only; imports no torch.
"""

from typing import Final

from optlab.optimizers.shared import lr
from optlab.params import Kind, ParamSpec
from optlab.registry import OptimizerInfo

_WRAPPERS: Final = "sharpness and wrappers"
_GROUP_PARAMS: Final = ("lr", "base_momentum", "base_betas", "base_weight_decay")

_BASE: Final = ParamSpec(
    name="base",
    kind=Kind.CHOICE,
    default="SGD+momentum",
    choices=("SGD", "SGD+momentum", "Adam", "AdamW"),
    meaning="The optimizer that is wrapped: it takes the steps.",
)
_BASE_PARAMS: Final = (
    ParamSpec(
        name="base_momentum",
        kind=Kind.FLOAT,
        default=0.9,
        low=0,
        suggested=(0.0, 0.99),
        meaning="Momentum of the wrapped optimizer, where base is SGD+momentum.",
    ),
    ParamSpec(
        name="base_betas",
        kind=Kind.FLOATS,
        default=(0.9, 0.999),
        length=2,
        low=0,
        high=1,
        high_open=True,
        suggested=(0.5, 0.9999),
        meaning="Decay rates of the wrapped optimizer, where base is Adam or AdamW.",
    ),
    ParamSpec(
        name="base_weight_decay",
        kind=Kind.FLOAT,
        default=0.0,
        low=0,
        suggested=(1e-5, 1e-1),
        log=True,
        meaning="Weight decay of the wrapped optimizer: decoupled in AdamW, an L2 "
        "penalty in the others.",
    ),
)

EMA: Final = OptimizerInfo(
    name="EMA",
    label="EMA of weights",
    family=_WRAPPERS,
    year=1992,
    description="Trains with another optimizer and keeps a running average of its "
    "weights beside, at which it is evaluated: noise of single steps averages out.",
    factory="optlab.optimizers.averaging:ExponentialAverage",
    params=(
        _BASE,
        lr(1e-2, 1e-3, 1e-1),
        ParamSpec(
            name="decay",
            kind=Kind.FLOAT,
            default=0.99,
            low=0,
            high=1,
            high_open=True,
            suggested=(0.9, 0.9999),
            meaning="Share of the old average that is kept in a step; it remembers "
            "about 1/(1 − decay) steps.",
        ),
        ParamSpec(
            name="warm_up",
            kind=Kind.BOOL,
            default=True,
            meaning="Whether early steps keep less of it, at most (1 + t)/(10 + t), so "
            "that the start is soon forgotten.",
        ),
        *_BASE_PARAMS,
    ),
    formula="θ ← step of the base optimizer\n"
    "ā ← d_t·ā + (1 − d_t)·θ,   d_t = min(d, (1 + t)/(10 + t))\n"
    "evaluated at ā; d decay",
    source="Polyak & Juditsky 1992, doi:10.1137/0330046; Tarvainen & Valpola 2017, "
    "arXiv:1703.01780, eq. 1",
    notes=("Averages of batch norm are those of the trained weights.",),
    typical_lr=(1e-3, 1e-1),
    state_floats=2.0,
    home="optlab",
    licence="MIT",
    group_params=_GROUP_PARAMS,
    mode_switch=True,
)

SWA: Final = OptimizerInfo(
    name="SWA",
    label="SWA (stochastic weight averaging)",
    family=_WRAPPERS,
    year=2018,
    description="Trains with another optimizer and averages its weights from some step "
    "on, all alike; it is evaluated at the mean, which lies in a flatter place.",
    factory="optlab.optimizers.averaging:StochasticAverage",
    params=(
        _BASE,
        lr(1e-2, 1e-3, 1e-1),
        ParamSpec(
            name="start",
            kind=Kind.INT,
            default=100,
            low=1,
            suggested=(10, 10_000),
            log=True,
            meaning="Step whose weights are the first in the mean; about three "
            "quarters of a run.",
            unit="steps",
        ),
        ParamSpec(
            name="every",
            kind=Kind.INT,
            default=1,
            low=1,
            suggested=(1, 1000),
            log=True,
            meaning="Steps between two whose weights count; the paper takes one in "
            "each epoch.",
            unit="steps",
        ),
        *_BASE_PARAMS,
    ),
    formula="θ ← step of the base optimizer\n"
    "ā ← ā + (θ − ā)/(n + 1) at steps start, start + every, …\n"
    "evaluated at ā, before start at θ; n weights averaged so far",
    source="Izmailov et al. 2018, arXiv:1803.05407, Algorithm 1",
    notes=(
        "Averages of batch norm are those of the trained weights.",
        "It wants a constant or cyclic learning rate while it averages.",
    ),
    typical_lr=(1e-3, 1e-1),
    state_floats=2.0,
    home="optlab",
    licence="MIT",
    group_params=_GROUP_PARAMS,
    mode_switch=True,
)

CAUTIOUS: Final = OptimizerInfo(
    name="Cautious",
    label="Cautious",
    family=_WRAPPERS,
    year=2024,
    description="Leaves out the parts of another optimizer's step that go against the "
    "present gradient, as momentum does after an overshoot, and scales up the rest.",
    factory="optlab.optimizers.cautious:Cautious",
    params=(_BASE, lr(1e-2, 1e-3, 1e-1), *_BASE_PARAMS),
    formula="u = step of the base optimizer (without decoupled decay)\n"
    "φ = 1 where u·g < 0, else 0\n"
    "θ ← θ + u·φ / mean(φ)\n"
    "C-AdamW with base AdamW",
    source="Liang et al. 2024, arXiv:2411.16085, Algorithm 1; scaled as in timm",
    aliases=("C-AdamW", "C-Adam"),
    typical_lr=(1e-3, 1e-1),
    state_floats=1.0,
    home="optlab",
    licence="MIT",
    group_params=_GROUP_PARAMS,
    elementwise=False,
)

WRAPPERS: Final = (EMA, SWA, CAUTIOUS)
