"""The metrics that are recorded of every trial, as torch-free data."""

from typing import Final

from optlab.registry import DiagnosticInfo, MetricInfo

METRICS: Final = (
    MetricInfo(
        name="epoch",
        label="Epoch",
        description="Passes over the training data so far.",
        formula="samples / N",
    ),
    MetricInfo(
        name="samples",
        label="Samples",
        description="Training samples seen so far.",
    ),
    MetricInfo(
        name="grad_evals",
        label="Gradient evaluations",
        description="Forward and backward passes so far; closures count each call.",
    ),
    MetricInfo(
        name="wall_time_s",
        label="Time in steps",
        description="The trial's own seconds in steps, without the other trials, "
        "evaluation, recording or drawing.",
        unit="s",
    ),
    MetricInfo(
        name="train_loss",
        label="Training loss",
        description="Loss on batch k before the k-th update.",
        formula="L_k(θ_{k−1})",
        log=True,
        higher_is_better=False,
    ),
    MetricInfo(
        name="param_norm",
        label="Parameter norm",
        description="Euclidean norm of all parameters after the update.",
        formula="‖θ_k‖₂",
    ),
    MetricInfo(
        name="grad_norm",
        label="Gradient norm",
        description="Euclidean norm of the gradient of batch k before the update.",
        formula="‖∇L_k(θ_{k−1})‖₂",
        log=True,
    ),
    MetricInfo(
        name="update_norm",
        label="Update norm",
        description="Euclidean norm of the k-th update.",
        formula="‖θ_k − θ_{k−1}‖₂",
        log=True,
    ),
    MetricInfo(
        name="lr",
        label="Learning rate",
        description="Learning rate of the first param group in the k-th update.",
        log=True,
    ),
    MetricInfo(
        name="value",
        label="Value",
        description="Noise-free value of the surface after the update.",
        formula="f(x_k)",
        log=True,
        higher_is_better=False,
    ),
    MetricInfo(
        name="val_loss",
        label="Validation loss",
        description="Mean loss on held-out data.",
        log=True,
        dense=False,
        higher_is_better=False,
    ),
    MetricInfo(
        name="val_accuracy",
        label="Validation accuracy",
        description="Share of held-out samples that are classified correctly.",
        dense=False,
        higher_is_better=True,
    ),
    MetricInfo(
        name="train_accuracy",
        label="Training accuracy",
        description="Share of batch k that is classified correctly before the update.",
        higher_is_better=True,
    ),
    MetricInfo(
        name="position",
        label="Position",
        description="Where the one number stands when batch k comes.",
        formula="x_{k−1}",
    ),
    MetricInfo(
        name="val_head_loss",
        label="Validation loss, head",
        description="Mean loss on held-out samples of the most frequent tenth of the "
        "classes.",
        log=True,
        dense=False,
        higher_is_better=False,
    ),
    MetricInfo(
        name="val_tail_loss",
        label="Validation loss, tail",
        description="Mean loss on held-out samples of the rarest half of the classes.",
        log=True,
        dense=False,
        higher_is_better=False,
    ),
    *(
        MetricInfo(
            name=f"val_error_{name}",
            label=f"Weight error, {name} feature",
            description=f"How far the weight of the {name} feature is from the truth.",
            formula="|wᵢ − 1|",
            log=True,
            dense=False,
            higher_is_better=False,
        )
        for name in ("frequent", "occasional", "rare")
    ),
    *(
        MetricInfo(
            name=f"train_rate_{name}",
            label=f"Effective rate, {name} feature",
            description="Change of the weight over its gradient in the last update "
            "before batch k whose batch had the feature.",
            formula="|Δwᵢ| / |gᵢ|",
            log=True,
        )
        for name in ("frequent", "occasional", "rare")
    ),
    *(
        MetricInfo(
            name=f"train_mode_{name}",
            label=f"Learned share, {which} mode",
            description=f"Share of the {which} singular value that the product of the "
            "matrices has learned, before the k-th update.",
            formula="(W_depth ⋯ W₁)ᵢᵢ / σᵢ",
        )
        for name, which in (
            ("first", "largest"),
            ("middle", "middle"),
            ("last", "smallest"),
        )
    ),
    MetricInfo(
        name="optimizer_time_s",
        label="Time in the optimizer",
        description="The part of the trial's own seconds spent in the optimizer.",
        unit="s",
    ),
)

DIAGNOSTICS: Final = (
    DiagnosticInfo(
        name="sharpness",
        label="Sharpness",
        description="Largest eigenvalue of the Hessian of the training loss, on at "
        "most 256 training samples, always the same ones: gradient descent is stable "
        "while it stays below 2 / lr.",
        factory="optlab.diagnostics.curvature:sharpness",
        formula="λ_max(∇²L(θ_k))",
        source="Cohen, Kaur, Li, Kolter & Talwalkar 2021, Gradient Descent on Neural "
        "Networks Typically Occurs at the Edge of Stability, ICLR (arXiv:2103.00065).",
        log=True,
        dense=False,
        cost="about 10 to 30 gradients of the probe for each measurement",
    ),
)
