"""Makes ``load_state_dict`` give back single numbers of state exactly.

torch casts every state tensor but ``step`` to the type of its weights when it loads
them. NAdam keeps its product of momenta in float32 even beside float64 weights: without
this it would go on in another precision than before.
"""

from typing import Any

import torch


def load_exactly(optimizer: torch.optim.Optimizer) -> None:
    """Let ``optimizer`` keep type and value of 0-d state tensors when it loads."""
    saved: dict[int, dict[str, torch.Tensor]] = {}

    def remember(_: torch.optim.Optimizer, tree: dict[str, Any]) -> None:
        saved.clear()
        for index, state in tree["state"].items():
            saved[index] = {k: v for k, v in state.items() if _is_number(v)}

    def put_back(loaded: torch.optim.Optimizer) -> None:
        groups = loaded.param_groups
        parameters = [p for group in groups for p in group["params"]]
        for index, numbers in saved.items():
            state = loaded.state[parameters[index]]
            for name, number in numbers.items():
                on_cpu = number.device.type == "cpu"
                device = number.device if on_cpu else state[name].device
                state[name] = number.to(device, copy=True)
        saved.clear()

    optimizer.register_load_state_dict_pre_hook(remember)
    optimizer.register_load_state_dict_post_hook(put_back)


def _is_number(value: object) -> bool:
    return isinstance(value, torch.Tensor) and value.ndim == 0
