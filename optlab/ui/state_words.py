"""States of runs and trials, as people read them."""

from optlab.records import State
from optlab.translate import tr


def state_word(state: State) -> str:
    """Return a state in a word."""
    return {
        State.QUEUED: tr("queued"),
        State.RUNNING: tr("running"),
        State.PAUSED: tr("paused"),
        State.FINISHED: tr("finished"),
        State.STOPPED: tr("stopped"),
        State.DIVERGED: tr("diverged"),
        State.FAILED: tr("failed"),
    }[state]
