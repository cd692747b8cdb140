"""Optimizers as articles and other libraries write them, one form per file.

A form is an entry of the catalog and its rule: a few lines that read like the formula
and need no torch.
"""
