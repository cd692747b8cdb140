"""What is done on the page of studies to bring it into states that are looked at."""

import socket

from optlab.ui.tune_where import Where
from tests.ui.pictures.stage import Stage
from tests.ui.studies import MOONS, Here, make_study

THREE = MOONS.replace("trials = 3", "trials = 7\nrungs = 2").replace("Two", "Three")
STUDY = f'{THREE}[[optimizers]]\nname = "RMSprop"\n'.replace('"0..2"', '"0..7"')


def explained(stage: Stage) -> None:
    """Go there before any study."""
    stage.window.show_page("tune")


def filled(stage: Stage) -> None:
    """Take the usual settings, and one that cannot be used."""
    stage.window.show_page("tune")
    stage.window.tuning.take_usual()
    stage.settle()
    stage.type("tuning.seeds", "3")


def running(stage: Stage) -> None:
    """Start, and look after half of the tuning."""
    stage.open(STUDY)
    window = stage.window
    window.tuning.controller.executor_at = _for_a_while
    window.show_page("tune")
    window.tuning.start()
    stage.wait(lambda: _trials(stage) >= 11)


def finished(stage: Stage) -> None:
    """Open a study that is finished."""
    stage.open(STUDY)
    folder = make_study(stage.folder / "three-on-moons", stage.catalog, STUDY)
    stage.window.tuning.show_study(folder)
    stage.wait(lambda: stage.window.tuning.controller.complete)


def unanswered(stage: Stage) -> None:
    """Name a Ray cluster that does not answer."""
    stage.open(STUDY)
    window = stage.window
    window.session.settings.setValue("tune/where", "ray")
    window.show_page("tune")
    with socket.socket() as taken:
        # Bound but not listening: nobody answers there, and nobody else comes.
        taken.bind(("127.0.0.1", 0))
        stage.type("tune.address", f"127.0.0.1:{taken.getsockname()[1]}")
        window.tuning.start()
        stage.wait(lambda: not window.tuning.controller.active)
    page = window.tuning.page
    assert page is not None
    page.form.lead_to("tune.address")


def _for_a_while(where: Where) -> Here:
    return Here(most=11)


def _trials(stage: Stage) -> int:
    picture = stage.window.tuning.controller.picture
    problems = () if picture is None else picture.problems
    return sum(row.trials for problem in problems for row in problem.rows)
