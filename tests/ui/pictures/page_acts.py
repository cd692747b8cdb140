"""What is done to plots, pages and dialogs to bring them into states to look at."""

from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Final

from PySide6.QtWidgets import QMenu

from optlab.runner import Runner
from optlab.spec import spec_from_text
from optlab.store.notes import Notes
from optlab.sweep.study import Study
from optlab.ui.controller import Phase
from optlab.ui.errors import ErrorDesk, Fault
from optlab.ui.library_page import LibraryPage
from optlab.ui.welcome import WelcomePage
from tests.core.sweep.here import Here
from tests.ui.pictures.acts import experiment, seeds, short
from tests.ui.pictures.stage import Stage

SAMPLES_SECONDS: Final = 150.0
RUNS: Final = (
    ("Three in a valley", "rosenbrock", 0.01, "valley"),
    ("The same, larger steps", "rosenbrock", 0.1, "valley"),
    ("A bowl", "quadratic", 0.01, "bowl"),
    ("A bowl, larger steps", "quadratic", 0.1, "bowl"),
    ("Two wells", "styblinski-tang", 0.02, ""),
    ("Four minima", "himmelblau", 0.02, ""),
    ("Flat inside", "beale", 0.02, "valley"),
    ("A saddle", "saddle", 0.02, ""),
)


# -- plots -----------------------------------------------------------------------------


def maximized(stage: Stage) -> None:
    """Let one plot fill the centre."""
    short(stage)
    stage.window.grid.maximize("train_loss")


def arranged(stage: Stage) -> None:
    """Put plots where they do not stand by themselves."""
    short(stage)
    arranger = stage.window.grid.arranger
    arranger.remove("update_norm")
    stage.settle()
    stage.window.commands["plots.swap_next"].trigger()
    stage.window.commands["plots.move_below"].trigger()


def presented(stage: Stage) -> None:
    """Leave the plots alone on the screen."""
    short(stage)
    stage.window.plots.apply("presentation")


def perspectives(stage: Stage) -> None:
    """Open the menu of arrangements."""
    short(stage)
    stage.window.plots.save_as("My arrangement")
    menu = stage.window.findChild(QMenu, "perspectives.menu")
    button = stage.window.grid.strip.perspectives
    assert menu is not None
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))


def adding(stage: Stage) -> None:
    """Open the list of plots that can be added."""
    short(stage)
    stage.window.grid.ask_for_plot()


def scrubbed(stage: Stage) -> None:
    """Look at an earlier step, on the surface and in the curves."""
    short(stage)
    stage.window.state.playback.set_moment(60)


def basins(stage: Stage) -> None:
    """Train from many starts."""
    text = stage.catalog.presets.get("basins-himmelblau").text
    text = text.replace("0..399", "0..35").replace("steps = 100", "steps = 40")
    stage.open(text)
    stage.run()


def swept(stage: Stage) -> None:
    """Train at many rates, which makes a plot of its own."""
    text = stage.catalog.presets.get("learning-rate-zones").text
    stage.open(text)
    stage.run()
    stage.window.grid.show_card("sweep-final", True)
    stage.window.grid.maximize("sweep-final")


def restyled(stage: Stage) -> None:
    """Use other scales, words of one's own, and hide a curve."""
    short(stage)
    state = stage.window.state
    own = replace(
        state.plot("train_loss"),
        title="How far above the floor of the valley",
        subtitle="f(x, y)",
        caption="The valley is flat: the last digits take the longest.",
        y_scale="symlog",
    )
    state.set_plot("train_loss", own)
    state.toggle(0)


def ten_seeds(stage: Stage) -> None:
    """Train with ten seeds and draw every one of them."""
    seeds(stage, count=10)
    state = stage.window.state
    state.set_plot("train_loss", replace(state.plot("train_loss"), spread="trials"))


def ten_means(stage: Stage) -> None:
    """Train with ten seeds and draw their means with intervals."""
    seeds(stage, count=10)
    stage.window.state.set_spread("mean")


# -- answers ---------------------------------------------------------------------------

NOISY: Final = (
    ("SGD", "SGD", 0.002),
    ("Adam", "Adam", 0.05),
    ("RMSprop", "RMSprop", 0.01),
    ("SGD", "SGD, far too fast", 30.0),
)


STUDY: Final = """
format = 1
title = "Who is better on a noisy bowl?"
[problem]
name = "noisy-quadratic"
[training]
steps = 150
seeds = [0, 1, 2, 3, 4, 5, 6, 7]
[tuning]
trials = 4
seeds = [100]
[comparison]
baseline = "SGD"
[[optimizers]]
name = "SGD"
label = "SGD"
lr = 0.02
[[optimizers]]
name = "SGD"
label = "Momentum"
lr = 0.01
momentum = 0.9
[[optimizers]]
name = "Adam"
label = "Adam"
lr = 0.05
[[optimizers]]
name = "RMSprop"
label = "RMSprop"
lr = 0.01
"""


def judged(
    stage: Stage, *, seeds: int = 8, entries: int = 4, name: str = "verdict"
) -> None:
    """Train with several seeds and look at what comes of it."""
    text = experiment(
        *NOISY[:entries],
        title="Who is better in the noise?",
        problem="noisy-rosenbrock",
        steps=150,
        seeds=tuple(range(seeds)),
    )
    stage.open(text)
    stage.run()
    show_answer(stage, name)


def judged_large(stage: Stage, *, seeds: int = 8, name: str = "verdict") -> None:
    """The same, alone in the centre."""
    judged(stage, seeds=seeds, name=name)
    stage.window.grid.maximize(name)
    answered(stage)


def tuned(stage: Stage, *, name: str = "verdict") -> None:
    """Open the end of a study, and look at what it came to."""
    spec = spec_from_text(STUDY, stage.catalog)
    folder = stage.folder / "study"
    for _ in Study(spec, stage.catalog, folder, executor=Here()).run():
        pass
    (final,) = (folder / "final").glob("*.optlab")
    stage.window.runs.load_run(final)
    show_answer(stage, name)
    stage.window.grid.maximize(name)
    answered(stage)


def judged_live(stage: Stage) -> None:
    """Look at a verdict while the trials run."""
    text = experiment(
        *NOISY[:3],
        title="Who is better in the noise?",
        problem="noisy-rosenbrock",
        steps=50_000_000,
        seeds=tuple(range(8)),
    )
    stage.open(text)
    stage.start(100)
    show_answer(stage, "verdict")
    stage.window.grid.maximize("verdict")
    stage.window.controller.pause()
    stage.wait(lambda: stage.window.controller.phase is Phase.PAUSED)
    answered(stage)


def certified(stage: Stage) -> None:
    """Open what is known of the fairness of a comparison."""
    judged(stage, entries=3)
    stage.window.front.show_fact("paired")


def show_answer(stage: Stage, name: str) -> None:
    """Give a card of answers a place and wait for what it says."""
    verdicts = stage.window.verdicts
    if name == "verdict":
        verdicts.show_verdict()
    else:
        verdicts.show_speedup()
    answered(stage)


def answered(stage: Stage) -> None:
    """Wait until everything that is looked at has been worked out."""
    window = stage.window
    stage.settle()
    window.clock.refresh_now()
    stage.wait(lambda: not window.reader.busy)


# -- pages -----------------------------------------------------------------------------


def welcomed(stage: Stage) -> None:
    """Go to the welcome page, and wait for its pictures."""
    window = stage.window
    window.welcome.show()
    if stage.pictured:
        window.controller.warm_up()
        window.welcome.studio.begin()
        end = monotonic() + SAMPLES_SECONDS
        # A slow machine shows what is drawn by then, as it does to a person.
        studio = window.welcome.studio
        stage.wait(lambda: not studio.working or monotonic() > end)
    page = window.welcome.page
    assert isinstance(page, WelcomePage)
    stage.settle()


def recorded(stage: Stage) -> None:
    """Put runs into the folder."""
    shelf = stage.window.library.shelf
    for number, (title, problem, rate, tag) in enumerate(RUNS):
        pair = ("SGD", "SGD", rate / 20), ("Adam", "Adam", rate)
        text = experiment(*pair, title=title, problem=problem, steps=60)
        spec = spec_from_text(text, stage.catalog)
        folder = stage.window.session.runs / f"run-{number}"
        runner = Runner(spec, stage.catalog, folder=folder)
        for _ in runner.run():
            pass
        if tag:
            shelf.say(runner.path, Notes(tags=(tag,), pinned=number == 2))
    shelf.flush()


def no_runs(stage: Stage) -> None:
    """Go to the library while there are no runs."""
    stage.window.show_page("library")
    stage.wait(lambda: stage.window.library.shelf.listed)


def library(stage: Stage, *, chosen: int = 1) -> None:
    """Go to the library and choose some of its runs."""
    recorded(stage)
    no_runs(stage)
    page = stage.window.pages.made("library")
    assert isinstance(page, LibraryPage)
    stage.wait(lambda: len(page.model.runs) == len(RUNS))
    page.table.select_rows(list(range(1, 1 + chosen)))
    stage.settle()


def searched(stage: Stage) -> None:
    """Look for runs that there are not."""
    library(stage)
    stage.type("library.search", "nothing is called this")


def overlaid(stage: Stage) -> None:
    """Show two runs of the library as one."""
    library(stage)
    stage.window.library.overlay(paths_of(stage, "rosenbrock"))


def compared(stage: Stage) -> None:
    """Show what differs between two runs."""
    library(stage)
    stage.window.library.compare(paths_of(stage, "rosenbrock"))


def paths_of(stage: Stage, problem: str) -> list[Path]:
    """Return the files of the runs on a problem."""
    runs = stage.window.library.shelf.runs
    return [facts.path for facts in runs if facts.problem == problem]


# -- dialogs ---------------------------------------------------------------------------


def palette(stage: Stage) -> None:
    """Search for a command."""
    stage.window.front.show_palette()
    stage.type("palette.search", "plot")


def preferences(stage: Stage) -> None:
    """Open the preferences."""
    stage.window.front.show_preferences()


def shortcuts(stage: Stage) -> None:
    """Open the editor of shortcuts."""
    stage.window.front.show_shortcuts()


def plugins(stage: Stage) -> None:
    """Open the list of plug-ins."""
    stage.window.front.show_plugins()


def about(stage: Stage) -> None:
    """Open what tells of OptLab."""
    stage.window.front.show_about()


def guide(stage: Stage) -> None:
    """Open the user guide."""
    stage.window.commands["help"].trigger()


def erred(stage: Stage) -> None:
    """Meet an error inside the program, twice."""
    log = Path("/home/ada/.local/state/optlab/log/optlab.log")
    desk = ErrorDesk(stage.window, log=log, kept=lambda: True)
    fault = Fault("ZeroDivisionError: division by zero", "")
    for _ in range(2):
        desk.count("here", lambda: fault)
    stage.wait(lambda: desk.dialog is not None)
    stage.settle()


def told(stage: Stage) -> None:
    """Open the history of what was said."""
    say = stage.window.notice.say
    say("The run file cannot be written: no space is left", severity="problem")
    say("Copied as TOML", severity="good")
    say("The learning rate of Adam is 0.01 from step 1,200 on", severity="info")
    stage.window.front.show_messages()


def detailed(stage: Stage) -> None:
    """Open what the status bar has to tell of the device."""
    short(stage)
    stage.window.front.show_fact("device")


def toured(stage: Stage) -> None:
    """Take the tour to its third step."""
    short(stage)
    stage.window.guide.start()
    tour = stage.window.guide.tour
    assert tour is not None
    tour.forward()
    tour.forward()


def menu(stage: Stage) -> None:
    """Open the menu."""
    # Not as the button does it, which waits until the menu is closed.
    button = stage.window.bar.menu_button
    button.menu().popup(button.mapToGlobal(button.rect().bottomLeft()))
