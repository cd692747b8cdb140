"""Conditions between parameters that constructors of the zoo check, or should.

Data only; imports no torch.
"""

from collections.abc import Mapping
from typing import Final

from optlab.params import Values
from optlab.registry import Rule


def _heads_divide_the_width(values: Values) -> bool:
    width, heads = values["num_embeds"], values["num_heads"]
    groups = values["num_query_groups"]
    assert isinstance(width, int)
    assert isinstance(heads, int)
    return (
        width % heads == 0 and heads % (groups if isinstance(groups, int) else 1) == 0
    )


def _basis_fits_the_rank(values: Values) -> bool:
    rank, basis = values["rank"], values["leading_basis"]
    assert isinstance(rank, int)
    assert isinstance(basis, int)
    return basis <= rank


RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "AdamMini": (
        Rule(
            keys=("num_heads", "num_embeds", "num_query_groups"),
            holds=_heads_divide_the_width,
            message="num_heads must divide num_embeds, and num_query_groups num_heads",
        ),
    ),
    "Alice": (
        Rule(
            keys=("leading_basis", "rank"),
            holds=_basis_fits_the_rank,
            message="leading_basis must not exceed rank",
        ),
    ),
}
