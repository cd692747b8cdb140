"""The states of the window that are looked at, one by one."""

from dataclasses import replace
from functools import partial
from typing import Final

from optlab.plugins import load_catalog
from optlab.registry import PresetInfo
from tests.ui.pictures.stage import Scene, Stage

BOWL: Final = """
format = 1
title = "{title}"
[problem]
name = "{problem}"
[training]
steps = {steps}
seeds = {seeds}
{entries}
"""
ENTRY: Final = """
[[optimizers]]
name = "{name}"
label = "{label}"
lr = {lr}
"""


def experiment(
    *entries: tuple[str, str, float],
    title: str = "An experiment",
    problem: str = "rosenbrock",
    steps: int = 300,
    seeds: tuple[int, ...] = (0,),
) -> str:
    """Return an experiment as TOML; an entry is a name, a label and a rate."""
    written = [ENTRY.format(name=n, label=label, lr=lr) for n, label, lr in entries]
    return BOWL.format(
        title=title,
        problem=problem,
        steps=steps,
        seeds=list(seeds),
        entries="".join(written),
    )


# -- what is done ----------------------------------------------------------------------


def nothing(_stage: Stage) -> None:
    """Leave the window as it opens."""


def running(stage: Stage, *, step: int) -> None:
    """Start, and stop looking while it runs; not where data have to be fetched."""
    if stage.window.runs.reason():
        stage.window.runs.show_first_error()
    else:
        stage.start(step)


def finished(stage: Stage) -> None:
    """Run to the end."""
    stage.run()


def diverged(stage: Stage) -> None:
    """Take a rate that is far too large."""
    entries = ("SGD", "SGD 1", 1.0), ("SGD", "SGD 0.001", 0.001), ("Adam", "Adam", 0.05)
    stage.open(experiment(*entries, title="One of three diverges"))
    stage.run()


def wrong(stage: Stage) -> None:
    """Type what cannot be used."""
    stage.window.optimizers_panel.select(0)
    stage.settle()
    stage.type("optimizers.0.lr", "fast")
    stage.type("training.steps", "-3")
    stage.window.runs.show_first_error()


def empty(stage: Stage) -> None:
    """Take every optimizer away."""
    for _ in range(len(stage.window.editor.spec.optimizers)):
        stage.window.editor.remove_optimizer(0)


def unfolded(stage: Stage) -> None:
    """Unfold an entry."""
    stage.window.optimizers_panel.select(2)


def explained(stage: Stage) -> None:
    """Open the explainer beside a finished run."""
    stage.run()
    stage.window.explain("optimizer", "Adam")


def long_names(stage: Stage) -> None:
    """Name everything at great length."""
    many = "momentum that somebody tuned by hand for a whole afternoon"
    entries = (
        ("SGD", f"Stochastic gradient descent with {many}", 0.001),
        ("Adam", f"Adam with the default betas and {many}", 0.05),
        ("RMSprop", "动量很长的优化器名称与许多说明文字放在一起看看会怎样", 0.01),
    )
    title = "A comparison with an exceedingly long title that nobody would ever type"
    source = "a-file-name-that-is-much-longer-than-there-is-room-for-it-anywhere.toml"
    stage.open(experiment(*entries, title=title), source)
    stage.run()


def many_optimizers(stage: Stage) -> None:
    """Train 24 optimizers."""
    infos = [i for i in stage.catalog.optimizers if i.home == "torch"]
    names = [i.name for i in infos if i.name not in ("LBFGS", "SparseAdam", "Muon")]
    entries = [
        (names[k % len(names)], f"{names[k % len(names)]} {k + 1}", 0.001 * 1.3**k)
        for k in range(24)
    ]
    stage.open(experiment(*entries, title="Twenty-four optimizers"))
    stage.run()


def seeds(stage: Stage) -> None:
    """Train with three seeds."""
    entries = ("SGD", "SGD", 0.1), ("Adam", "Adam", 0.01), ("RMSprop", "RMSprop", 0.01)
    text = experiment(
        *entries, title="Three seeds", problem="moons", seeds=(0, 1, 2), steps=200
    )
    stage.open(text)
    stage.run()


def picking(stage: Stage) -> None:
    """Open the picker."""
    stage.window.optimizers_panel.add_button.click()
    stage.settle()


def maximized(stage: Stage) -> None:
    """Let one plot fill the centre."""
    stage.run()
    stage.window.grid.maximize("train_loss")


def scenes() -> tuple[Scene, ...]:
    """Return every state that is looked at."""
    presets = load_catalog().presets
    named = (
        Scene(name="ready", shows="before the first run", act=nothing),
        Scene(name="finished", shows="a finished run", act=finished),
        Scene(name="finished-dark", shows="the same, dark", act=finished, theme="dark"),
        Scene(name="diverged", shows="a trial diverged", act=diverged),
        Scene(name="error", shows="what cannot be used is said", act=wrong),
        Scene(name="empty", shows="no optimizer", act=empty),
        Scene(name="unfolded", shows="an optimizer's form", act=unfolded),
        Scene(name="picker", shows="adding an optimizer", act=picking),
        Scene(
            name="explainer", shows="the explainer", act=explained, size=(1680, 1050)
        ),
        Scene(name="small", shows="1024×600", act=finished, size=(1024, 600)),
        Scene(name="long-names", shows="long names", act=long_names),
        Scene(name="many", shows="24 optimizers", act=many_optimizers),
        Scene(name="seeds", shows="three seeds", act=seeds, theme="dark"),
        Scene(name="maximized", shows="one plot alone", act=maximized, theme="dark"),
        Scene(
            name="4k", shows="4K at 200 %", act=finished, size=(1920, 1080), scale=200
        ),
    )
    presets_running = (preset_scene(info, k) for k, info in enumerate(presets))
    return (*named, *in_chinese(), *presets_running)


def in_chinese() -> tuple[Scene, ...]:
    """Return states of the Chinese window."""
    return tuple(
        replace(scene, name=f"chinese-{scene.name}", lang="zh")
        for scene in (
            Scene(name="finished", shows="the Chinese window", act=finished),
            Scene(
                name="small",
                shows="the same, dark, 1024×600",
                act=finished,
                theme="dark",
                size=(1024, 600),
            ),
            Scene(name="unfolded", shows="its forms", act=unfolded),
            Scene(name="explainer", shows="a card", act=explained, size=(1680, 1050)),
            Scene(
                name="groups",
                shows="param groups",
                act=unfolded,
                preset="seed-layer-wise",
                theme="dark",
            ),
        )
    )


def preset_scene(info: PresetInfo, number: int) -> Scene:
    """Return the scene of a ready experiment while it runs."""
    return Scene(
        name=f"preset-{info.name}",
        shows=f"{info.label}, running",
        act=partial(running, step=3),
        preset=info.name,
        theme="dark" if number % 2 else "light",
    )
