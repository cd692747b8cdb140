"""What is done in the lab to bring it into the states that are looked at."""

from typing import Final

from tests.ui.pictures.stage import Stage

FORMAT: Final = """
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
THREE: Final = ("SGD", "SGD", 0.001), ("Adam", "Adam", 0.05), ("RMSprop", "RMS", 0.01)
CHINESE: Final = "动量很长的优化器名称与许多说明文字放在一起看看会怎样"


def experiment(
    *entries: tuple[str, str, float],
    title: str = "An experiment",
    problem: str = "rosenbrock",
    steps: int = 200,
    seeds: tuple[int, ...] = (0,),
) -> str:
    """Return an experiment as TOML; an entry is a name, a label and a rate."""
    written = [ENTRY.format(name=n, label=label, lr=lr) for n, label, lr in entries]
    return FORMAT.format(
        title=title,
        problem=problem,
        steps=steps,
        seeds=list(seeds),
        entries="".join(written),
    )


def nothing(_stage: Stage) -> None:
    """Leave the window as it opens."""


def running(stage: Stage, *, step: int) -> None:
    """Start, and stop looking while it runs; not where data have to be fetched."""
    if stage.window.runs.reason():
        stage.window.runs.show_first_error()
    else:
        stage.start(step)


def finished(stage: Stage) -> None:
    """Run the experiment that is open to its end."""
    stage.run()


def short(stage: Stage) -> None:
    """Run something that is soon over."""
    stage.open(experiment(*THREE, title="Three optimizers in a valley"))
    stage.run()


def diverged(stage: Stage) -> None:
    """Take a rate that is far too large."""
    entries = ("SGD", "SGD 1", 1.0), ("SGD", "SGD 0.001", 0.001), ("Adam", "Adam", 0.05)
    stage.open(experiment(*entries, title="One of three diverges", steps=300))
    stage.run()


def wrong(stage: Stage) -> None:
    """Type what cannot be used."""
    stage.window.optimizers_panel.select(0)
    stage.settle()
    stage.type("optimizers.0.lr", "fast")
    stage.type("training.steps", "-3")
    stage.window.runs.show_first_error()


def failed(stage: Stage) -> None:
    """Open a run file that is none."""
    stage.folder.mkdir(parents=True, exist_ok=True)
    path = stage.folder / "broken.optlab"
    path.write_bytes(b"nothing that can be read")
    stage.window.runs.load_run(path)


def empty(stage: Stage) -> None:
    """Take every optimizer away."""
    for _ in range(len(stage.window.editor.spec.optimizers)):
        stage.window.editor.remove_optimizer(0)


def unfolded(stage: Stage) -> None:
    """Unfold an entry."""
    stage.window.optimizers_panel.select(2)


def explained(stage: Stage) -> None:
    """Open the explainer beside a finished run."""
    short(stage)
    told: list[str] = []
    stage.window.explainer.shown.connect(lambda _kind, name: told.append(name))
    stage.window.explain("optimizer", "Adam")
    stage.wait(lambda: "Adam" in told)


def long_names(stage: Stage) -> None:
    """Name everything at great length."""
    many = "momentum that somebody tuned by hand for a whole afternoon"
    entries = (
        ("SGD", f"Stochastic gradient descent with {many}", 0.001),
        ("Adam", f"Adam with the default betas and {many}", 0.05),
        ("RMSprop", CHINESE, 0.01),
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
    stage.open(experiment(*entries, title="Twenty-four optimizers", steps=120))
    stage.run()


def seeds(stage: Stage, *, count: int = 3) -> None:
    """Train with several seeds."""
    entries = ("SGD", "SGD", 0.1), ("Adam", "Adam", 0.01), ("RMSprop", "RMSprop", 0.01)
    text = experiment(
        *entries,
        title=f"Every curve of {count} seeds",
        problem="moons",
        seeds=tuple(range(count)),
        steps=200 if count < 5 else 80,
    )
    stage.open(text)
    stage.run()


def picking(stage: Stage) -> None:
    """Open the picker."""
    stage.window.optimizers_panel.add_button.click()
    stage.settle()


def on_a_line(stage: Stage) -> None:
    """Train on a problem with one parameter."""
    entries = ("SGD", "SGD 0.1", 0.1), ("SGD", "SGD 0.9", 0.9), ("Adam", "Adam", 0.5)
    stage.open(
        experiment(*entries, title="A parabola", problem="quadratic-1d", steps=40)
    )
    stage.run()
