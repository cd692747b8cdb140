"""Catalog entries of LBFGS and Muon.

Data only; imports no torch.
"""

from dataclasses import replace
from typing import Final

from optlab.optimizers.shared import (
    DECOUPLED,
    SECOND_ORDER,
    betas,
    eps,
    lr,
    number,
    weight_decay,
)
from optlab.params import Kind, ParamSpec, Values
from optlab.registry import OptimizerInfo, Rule


def _line_search_has_a_first_step(values: Values) -> bool:
    return values["line_search_fn"] is None or number(values, "lr") > 0


LBFGS: Final = OptimizerInfo(
    name="LBFGS",
    label="L-BFGS",
    family=SECOND_ORDER,
    year=1989,
    description="A quasi-Newton method: learns the curvature from its last steps, and "
    "runs several iterations with several gradient evaluations in each step.",
    factory="optlab.optimizers.lbfgs:LBFGS",
    params=(
        lr(1.0, 0.1, 1.0),
        ParamSpec(
            name="max_iter",
            kind=Kind.INT,
            default=20,
            low=1,
            suggested=(1, 50),
            meaning="Most iterations in one step.",
        ),
        ParamSpec(
            name="max_eval",
            kind=Kind.INT,
            default=None,
            optional=True,
            none_word="auto",
            low=1,
            suggested=(1, 100),
            meaning="Gradient evaluations after which a step ends; auto is 1.25 times "
            "max_iter.",
        ),
        ParamSpec(
            name="tolerance_grad",
            kind=Kind.FLOAT,
            default=1e-7,
            low=0,
            suggested=(1e-12, 1e-3),
            log=True,
            meaning="A step ends when no gradient component is larger than this.",
        ),
        ParamSpec(
            name="tolerance_change",
            kind=Kind.FLOAT,
            default=1e-9,
            low=0,
            suggested=(1e-14, 1e-5),
            log=True,
            meaning="A step ends when loss and weights change by less than this.",
        ),
        ParamSpec(
            name="history_size",
            kind=Kind.INT,
            default=100,
            low=1,
            high=10_000,
            suggested=(5, 100),
            meaning="How many earlier iterations the curvature is learnt from; each "
            "needs two copies of the weights.",
        ),
        ParamSpec(
            name="line_search_fn",
            kind=Kind.CHOICE,
            default=None,
            optional=True,
            choices=("strong_wolfe",),
            meaning="How the length of a step is found; none takes lr as it is.",
        ),
    ),
    rules=(
        Rule(
            keys=("lr", "line_search_fn"),
            holds=_line_search_has_a_first_step,
            message="a line search needs lr > 0, its first trial step",
        ),
    ),
    notes=(
        "L-BFGS evaluates the loss several times in one step (max_eval bounds it): "
        "compare it by gradient evaluations, not by steps.",
        "It treats all parameters as one group and has no weight decay.",
        "It is meant for full batches, and is safest with line_search_fn strong_wolfe.",
    ),
    formula="s_k = θ_{k+1} − θ_k,   y_k = ∇f(θ_{k+1}) − ∇f(θ_k)\n"
    "d = −H_k·∇f(θ_k),   H_k from the last pairs (s, y) by the two-loop recursion, "
    "H⁰ = (sᵀy / yᵀy)·I\n"
    "θ ← θ + t·d,   t = lr, or from a line search with the strong Wolfe conditions",
    source="Liu & Nocedal 1989, doi:10.1007/BF01589116, Algorithm 2.1; code: "
    "torch.optim.LBFGS",
    typical_lr=(0.1, 1.0),
    # When the history is full: 100 pairs, the direction and the last gradient.
    state_floats=202.0,
    needs_closure=True,
    grad_evals=25.0,
    group_params=(),
    full_batch_only=True,
    elementwise=False,
)

_REST: Final = "AdamW, for all that Muon leaves: "


def _rest(spec: ParamSpec) -> ParamSpec:
    meaning = _REST + spec.meaning[0].lower() + spec.meaning[1:]
    return replace(spec, name=f"rest_{spec.name}", meaning=meaning)


MUON: Final = OptimizerInfo(
    name="Muon",
    label="Muon",
    family=SECOND_ORDER,
    year=2024,
    description="Makes the momentum of each weight matrix orthogonal, so that all its "
    "directions move alike; what is no hidden matrix is trained by AdamW.",
    factory="optlab.optimizers.muon_split:MuonSplit",
    params=(
        lr(1e-3, 3e-3, 1e-1),
        weight_decay(0.1, (1e-2, 1e-1), DECOUPLED),
        ParamSpec(
            name="momentum",
            kind=Kind.FLOAT,
            default=0.95,
            low=0,
            suggested=(0.8, 0.99),
            meaning="Decay rate of the running average of gradients.",
        ),
        ParamSpec(
            name="nesterov",
            kind=Kind.BOOL,
            default=True,
            meaning="Whether the step looks ahead along the momentum.",
        ),
        ParamSpec(
            name="ns_coefficients",
            kind=Kind.FLOATS,
            default=(3.4445, -4.775, 2.0315),
            length=3,
            suggested=(-5.0, 5.0),
            meaning="Coefficients a, b, c of the Newton-Schulz polynomial.",
        ),
        eps(1e-7, "Smallest norm that a matrix is divided by before the iteration."),
        ParamSpec(
            name="ns_steps",
            kind=Kind.INT,
            default=5,
            low=0,
            high=99,
            suggested=(3, 10),
            meaning="Newton-Schulz iterations in each step.",
        ),
        ParamSpec(
            name="adjust_lr_fn",
            kind=Kind.CHOICE,
            default=None,
            optional=True,
            none_word="auto",
            choices=("original", "match_rms_adamw"),
            meaning="How lr is scaled for a matrix of A rows and B columns: original "
            "(auto) by √max(1, A/B), match_rms_adamw by 0.2·√max(A, B), which suits "
            "the lr of AdamW.",
        ),
        _rest(lr(1e-3, 1e-4, 1e-2)),
        _rest(betas()),
        _rest(eps(1e-8)),
        _rest(weight_decay(1e-2, (1e-2, 1e-1), DECOUPLED)),
    ),
    notes=(
        "Muon works on matrices only. Hidden 2-D weights go to Muon; convolutions, "
        "biases, norms, embeddings and the output layer go to AdamW, which has the "
        "parameters that begin with rest_.",
        "Where the output layer is the only matrix, Muon takes it.",
    ),
    formula="B ← μ·B + (1 − μ)·g\n"
    "U = μ·B + (1 − μ)·g   (without nesterov: U = B)\n"
    "X₀ = U / ‖U‖_F,   X ← a·X + (b·XXᵀ + c·(XXᵀ)²)·X   ns_steps times, in bfloat16\n"
    "θ ← (1 − η·λ)·θ − η·s·X,   s = √max(1, A/B) or 0.2·√max(A, B)\n"
    "η lr, μ momentum, λ weight_decay, (a, b, c) ns_coefficients",
    source="Jordan et al. 2024, kellerjordan.github.io/posts/muon; match_rms_adamw: "
    "Liu et al. 2025, arXiv:2502.16982, section 2.2; code: torch.optim.Muon, "
    "torch.optim.AdamW",
    typical_lr=(3e-3, 1e-1),
    state_floats=1.0,
    group_params=(),
    matrices_only=True,
    elementwise=False,
)
