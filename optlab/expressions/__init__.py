"""Formulas that a person types: parsed by a white list, then differentiated.

The text is taken apart by Python's own parser into a tree of which only numbers,
names, arithmetic and calls of known functions are admitted; the tree becomes a `Tape`
of NumPy operations, and so do its derivatives. Nothing of the text is ever compiled or
executed. Imports nothing of OptLab but `params` and `translate`.
"""

from optlab.expressions.expression import Expression, parse_expression
from optlab.expressions.parsing import FUNCTION_NAMES

__all__ = ["FUNCTION_NAMES", "Expression", "parse_expression"]
