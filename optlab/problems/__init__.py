"""Problems: surfaces (NumPy value and gradient) and tasks (a model and its data).

Infos are torch-free data; the factories behind them are resolved by the engine.
"""
