"""A catalog that still knows a person's own optimizers when their files have gone.

Files of one's own are edited while the window is open: what is shown of them is what
they were when they could be read last. Whether they can be used now is another
question, which is put to the catalog itself.
"""

from dataclasses import replace

from optlab.params import InputError
from optlab.registry import Catalog, OptimizerInfo, Registry


def remembering(catalog: Catalog) -> Catalog:
    """Return a catalog that answers as ``catalog`` does, or did when it last could."""
    known: dict[str, OptimizerInfo] = {}

    def look_up(name: str, key: str) -> OptimizerInfo | None:
        try:
            known[name] = catalog.optimizers.get(name, key)
        except InputError:
            if name not in known:
                raise
        return known[name]

    optimizers = Registry[OptimizerInfo](catalog.optimizers.kind)
    optimizers.add(*catalog.optimizers)
    optimizers.open_with(look_up)
    return replace(catalog, optimizers=optimizers)
