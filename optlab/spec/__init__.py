"""An experiment: frozen data, what must hold of it, and its road to TOML.

Knows nothing of torch or Qt.
"""

from optlab.spec.checks import check_spec, incompatible, spec_errors, spec_warnings
from optlab.spec.data import (
    BATCH_SIZE,
    NO_VALUES,
    TRAINING_PARAMS,
    ExperimentSpec,
    GroupSpec,
    OptimizerSpec,
    ProblemSpec,
    SchedulerSpec,
    TrainingSpec,
    TrialPlan,
    automatic_label,
    differences,
    labels,
    resolved,
    trial_plans,
)
from optlab.spec.groups import (
    KINDS,
    ParameterInfo,
    assign_groups,
    group_params,
    matches,
    pattern_error,
)
from optlab.spec.study import (
    COMPARISON_PARAMS,
    SEARCHES,
    TUNING_PARAMS,
    ComparisonSpec,
    PartSpec,
    Range,
    TuningSpec,
)
from optlab.spec.toml import FORMAT, dump_spec, parse_spec, read_spec, spec_from_text

__all__ = [
    "BATCH_SIZE",
    "COMPARISON_PARAMS",
    "FORMAT",
    "KINDS",
    "NO_VALUES",
    "SEARCHES",
    "TRAINING_PARAMS",
    "TUNING_PARAMS",
    "ComparisonSpec",
    "ExperimentSpec",
    "GroupSpec",
    "OptimizerSpec",
    "ParameterInfo",
    "PartSpec",
    "ProblemSpec",
    "Range",
    "SchedulerSpec",
    "TrainingSpec",
    "TrialPlan",
    "TuningSpec",
    "assign_groups",
    "automatic_label",
    "check_spec",
    "differences",
    "dump_spec",
    "group_params",
    "incompatible",
    "labels",
    "matches",
    "parse_spec",
    "pattern_error",
    "read_spec",
    "resolved",
    "spec_errors",
    "spec_from_text",
    "spec_warnings",
    "trial_plans",
]
