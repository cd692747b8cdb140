"""Where defaults differ from those of pytorch_optimizer, with a word of why.

Data only; imports no torch. Each word is a note of the optimizer's entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from optlab.params import ParamValue


@dataclass(frozen=True)
class Correction:
    """Other defaults than the package's, or a word about what it calls a parameter.

    Attributes:
        why: One sentence.
        defaults: The defaults that hold here.
    """

    why: str
    defaults: Mapping[str, ParamValue] = field(default_factory=dict)


CORRECTIONS: Final[Mapping[str, Correction]] = {
    "AdamC": Correction(
        "The package has no weight decay by default, which makes it Adam; here there "
        "is 0.05.",
        {"weight_decay": 0.05},
    ),
    "AdamMini": Correction(
        "The package has lr 1, a thousand times that of Adam; here it is 0.001 as in "
        "the paper, and weight decay is off.",
        {"lr": 1e-3, "weight_decay": 0.0},
    ),
    "Adan": Correction(
        "betas are those of the package: 1 minus the paper's (0.02, 0.08, 0.01)."
    ),
    "DAdaptAdan": Correction(
        "betas are those of the package: 1 minus the paper's (0.02, 0.08, 0.01)."
    ),
    "AliG": Correction(
        "The package has no largest learning rate by default; the paper tunes it "
        "around 0.1, which is taken here.",
        {"lr": 0.1},
    ),
    "AdSGD": Correction(
        "The package calls it ASGD, which is another method in torch.optim (averaged "
        "SGD)."
    ),
    "ApolloDQN": Correction(
        "Not to be confused with APOLLO, a low-memory method of that name from 2024. "
        "It warms up by itself, as its first steps are long; the lr that is shown is "
        "the one after that.",
    ),
    "GaLore": Correction(
        "The package projects nothing unless groups have a rank; here all hidden "
        "matrices have one, with the paper's scale 0.25.",
        {"rank": 4, "scale": 0.25},
    ),
    "Fira": Correction(
        "The package projects nothing unless groups have a rank; here all hidden "
        "matrices have one.",
        {"rank": 4},
    ),
    "GrokFastAdamW": Correction(
        "The package divides lr by 1 + grokfast_lamb unseen; here lr is what is given."
    ),
    "LARS": Correction(
        "The package has lr 0.001, which the trust coefficient makes a millionth of a "
        "layer's norm; here it is 1, as in timm.",
        {"lr": 1.0},
    ),
    "PID": Correction(
        "The package has momentum 0, which switches the integral and derivative parts "
        "off; here it is the paper's 0.9.",
        {"momentum": 0.9},
    ),
    "QHAdam": Correction(
        "The package has nus (1, 1), which is plain Adam; here they are the paper's "
        "(0.7, 1).",
        {"nus": (0.7, 1.0)},
    ),
    "QHM": Correction(
        "The package has momentum 0 and nu 1, which is plain SGD; here they are the "
        "paper's 0.999 and 0.7.",
        {"momentum": 0.999, "nu": 0.7},
    ),
    "Ranger": Correction(
        "The package has degenerated_to_sgd off, with which the first steps go uphill "
        "(5 of them at the defaults); here it is on, as in the author's program.",
        {"degenerated_to_sgd": True},
    ),
    "Ranger21": Correction(
        "Its own warm-up and warm-down are off: schedules are chosen beside it, and "
        "the lr that is shown is the one used."
    ),
    "SGDP": Correction(
        "The package has no momentum by default; here it is the paper's 0.9.",
        {"momentum": 0.9},
    ),
    "SGDW": Correction(
        "The package has neither momentum nor weight decay by default, which makes it "
        "plain SGD with lr 0.0001; here momentum is 0.9, weight decay 0.0001 and lr "
        "0.01.",
        {"momentum": 0.9, "weight_decay": 1e-4, "lr": 1e-2},
    ),
    "ScalableShampoo": Correction(
        "The package computes its first preconditioner after 1000 steps, and none for "
        "matrices of up to 512 numbers, which it takes for vectors; here it does so "
        "every 10 steps and for every matrix.",
        {
            "preconditioning_compute_steps": 10,
            "start_preconditioning_step": 5,
            "shape_interpretation": False,
        },
    ),
    "SimplifiedAdEMAMix": Correction(
        "The package has alpha 0, which gives the present gradient no weight of its "
        "own, and lr 0.0001. It averages gradients where the paper sums them: the "
        "paper's alpha 100 is 1 here; lr is 0.001, the paper's 0.00001.",
        {"alpha": 1.0, "lr": 1e-3},
    ),
    "SophiaH": Correction(
        "The package multiplies lr with p: no weight moves by more than lr·p in a "
        "step, 0.0006 at the defaults, as lr does alone in the paper."
    ),
    "SRMM": Correction(
        "The package begins with averages of zero, which shrinks all weights to 0.71 "
        "in its first step; here it counts from 0, so that they begin with the first "
        "gradient and weights.",
    ),
    "AdamWSN": Correction(
        "The package shares averages only in groups marked so; here all parameters are."
    ),
}
