"""The zoo: optimizers of the package pytorch_optimizer, through one adapter.

``signatures.json`` is generated from the installed package by ``scripts/make_zoo.py``;
``texts.toml`` holds what a person reads; `recipes` says how each is driven. Only
`adapter` and what it imports need torch.
"""
