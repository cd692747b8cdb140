"""How each class of pytorch_optimizer is built and driven.

Data only; imports no torch. What is not named here is a class whose constructor takes
the parameters and whose ``step()`` takes no more than the gradient.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from optlab.params import ParamValue

BASES: Final = ("SGD", "SGD+momentum", "Adam", "AdamW")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one class is built and driven.

    Attributes:
        cls: Name of the class, where the catalog has another.
        build: ``plain`` (takes the parameters), ``named`` (takes a model), ``muon``
            (hidden matrices and the rest in groups of their own), ``low rank``
            (likewise, matrices have ``rank``), ``matrices`` (takes matrices alone),
            ``base class`` and ``base`` (wraps an optimizer that it builds or is
            given), ``model base`` (WSAM), ``scheduled base`` (GSAM).
        step: ``plain`` (the gradient is there), ``closure`` (calls the loss once or
            more), ``number`` (likewise, as a plain number), ``pair`` (likewise, beside
            the outputs), ``perturb`` (gradient, ``first_step``, gradient,
            ``second_step``).
        fixed: What the constructor is given besides.
        group: What every param group is given besides.
        drop: Parameters that are not on the form: they hold functions, types or
            objects, or would take over what the engine does.
        extra: Parameters that the signature does not name, with their defaults.
        choices: Legal words of parameters that the signature calls text.
        numbers: Words for the numbers of an enumeration.
        dtypes: Parameters that are given the type of the weights.
        any_length: Sequences that may have any number of elements.
        lr_key: The key under which groups hold the learning rate; empty where there
            is none.
        may_draw: Whether some settings draw random numbers, though the defaults do not.
        second_derivatives: Whether it differentiates the gradient once more.
        mode_switch: Whether it is evaluated at other weights.
    """

    cls: str = ""
    build: str = "plain"
    step: str = "plain"
    fixed: Mapping[str, ParamValue] = field(default_factory=dict)
    group: Mapping[str, ParamValue] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    extra: Mapping[str, ParamValue] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dtypes: tuple[str, ...] = ()
    any_length: tuple[str, ...] = ()
    lr_key: str = "lr"
    may_draw: bool = False
    second_derivatives: bool = False
    mode_switch: bool = False


PLAIN: Final = Recipe()

_NEWTON_SCHULZ: Final = {
    "ns_coeffs": ("original", "quintic", "polar_express", "polar_express_safer")
}
_MUON: Final = Recipe(build="muon", choices=_NEWTON_SCHULZ)
_LOW_RANK: Final = Recipe(
    build="low rank",
    may_draw=True,
    extra={"rank": 4, "update_proj_gap": 200, "scale": 1.0, "projection_type": "std"},
    choices={
        "projection_type": ("std", "reverse_std", "right", "left", "full", "random")
    },
)
_SAM: Final = Recipe(build="base class", step="perturb")
# Besides auto, norms fit some shapes only.
_SCION: Final = Recipe(drop=("norm_type", "norm_kwargs"))
_LOSS_DRIVEN: Final = Recipe(step="closure")
_CURVED: Final = Recipe(second_derivatives=True)
_SCHEDULE_FREE: Final = Recipe(mode_switch=True)

RECIPES: Final[Mapping[str, Recipe]] = {
    "A2Grad": Recipe(drop=("lr",), lr_key=""),
    "ADOPT": Recipe(drop=("clip_lambda",)),
    "AdaGO": _MUON,
    "AdSGD": Recipe(cls="ASGD"),
    "AdaHessian": _CURVED,
    "AdaMuon": _MUON,
    "AdaShift": Recipe(drop=("reduce_func",)),
    "AdamWSN": Recipe(fixed={"sn": True}),
    "AdamMini": Recipe(build="named", drop=("model_sharding",)),
    "AliG": Recipe(step="number", drop=("projection_fn",), lr_key="max_lr"),
    "ApolloDQN": Recipe(
        choices={
            "rebound": ("constant", "belief"),
            "weight_decay_type": ("l2", "decoupled", "stable"),
        }
    ),
    "EmoFact": _LOSS_DRIVEN,
    "EmoLynx": _LOSS_DRIVEN,
    "EmoNavi": _LOSS_DRIVEN,
    "FAdam": Recipe(dtypes=("momentum_dtype", "fim_dtype")),
    "Fira": _LOW_RANK,
    "FlashAdamW": Recipe(
        drop=(
            "compress_state_dict",
            "master_weight_bits",
            "check_numerics",
            "fused",
            "quantize",
        )
    ),
    "FriendlySAM": _SAM,
    "GSAM": Recipe(build="scheduled base", step="pair", extra={"rho": 0.05}),
    "GaLore": _LOW_RANK,
    "AggMo": Recipe(any_length=("betas",)),
    "GrokFastAdamW": Recipe(fixed={"normalize_lr": False}),
    "Kron": Recipe(
        drop=(
            "pre_conditioner_update_probability",
            "mu_dtype",
            "memory_save_mode",
        ),
        dtypes=("precondition_dtype",),
    ),
    "LookSAM": _SAM,
    "Lookahead": Recipe(
        build="base",
        choices={"pullback_momentum": ("none", "reset", "pullback")},
        drop=("pullback_momentum",),
    ),
    "Magma": Recipe(build="base", drop=("exclude", "moment_key")),
    "NorMuon": Recipe(
        build="muon",
        choices={**_NEWTON_SCHULZ, "update_scale": ("preserve_norm", "match_rms")},
    ),
    "OrthoGrad": Recipe(build="base"),
    "ROSE": Recipe(drop=("compute_dtype", "bf16_sr", "wd_schedule")),
    "Ranger21": Recipe(
        fixed={"num_iterations": 1000, "disable_lr_scheduler": True},
        drop=(
            "num_warm_up_iterations",
            "num_warm_down_iterations",
            "warm_down_min_lr",
        ),
    ),
    "Conda": Recipe(may_draw=True),
    "SAM": _SAM,
    "SPAM": Recipe(may_draw=True),
    "SCION": _SCION,
    "SCIONLight": _SCION,
    # Merging fails for layers whose sides would all be merged.
    "SOAP": Recipe(drop=("data_format", "merge_dims")),
    "ScalableShampoo": Recipe(
        numbers={
            "graft_type": ("none", "sgd", "adagrad", "rmsprop", "sqrtn"),
            "pre_conditioner_type": ("all", "input", "output"),
        }
    ),
    "ScheduleFreeAdamW": _SCHEDULE_FREE,
    "ScheduleFreeRAdam": _SCHEDULE_FREE,
    "ScheduleFreeSGD": _SCHEDULE_FREE,
    "ScheduleFreeWrapper": Recipe(build="base", mode_switch=True),
    "SophiaH": _CURVED,
    "SpectralSphere": Recipe(build="matrices", extra={"rest_lr": 1e-3}),
    "SPlus": Recipe(mode_switch=True),
    # In step 0 its averages take over what is there.
    "SRMM": Recipe(group={"step": -1}),
    "TRAC": Recipe(build="base", drop=("num_coefs", "s_prev"), any_length=("betas",)),
    "WSAM": Recipe(build="model base", step="closure"),
}


def recipe(name: str) -> Recipe:
    """Return how the class of that name is built and driven."""
    return RECIPES.get(name, PLAIN)
