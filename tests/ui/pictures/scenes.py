"""The states of the window that are looked at, one by one."""

from functools import partial
from typing import Any, Final

from optlab.plugins import load_catalog
from optlab.registry import PresetInfo
from tests.ui.pictures import acts, page_acts, tune_acts
from tests.ui.pictures.stage import Act, Scene

WIDE: Final = (1680, 1050)
SMALL: Final = (1024, 600)
FULL: Final = {
    125: ("full-hd", (1536, 864)),
    200: ("4k", (1920, 1080)),
    300: ("4k", (1280, 720)),
}
"""The name and the size of a screen at a scale in percent."""


def scenes() -> tuple[Scene, ...]:
    """Return every state that is looked at."""
    presets = load_catalog().presets
    running = (preset_scene(info, k) for k, info in enumerate(presets))
    named = (
        *lab(),
        *plots(),
        *answers(),
        *pages(),
        *studies(),
        *dialogs(),
        *in_chinese(),
        *scaled(),
    )
    return (*named, *running)


def scene(name: str, shows: str, act: Act, **more: Any) -> Scene:
    """Return a scene in fewer words."""
    return Scene(name=name, shows=shows, act=act, **more)


def lab() -> tuple[Scene, ...]:
    """Return states of experiments, runs and forms."""
    return (
        scene("ready", "before the first run", acts.nothing),
        scene("window-light", "a finished run, light", acts.finished),
        scene("window-dark", "a finished run, dark", acts.finished, theme="dark"),
        scene("diverged", "a trial diverged", acts.diverged),
        scene("error", "what cannot be used is said", acts.wrong),
        scene("failed", "a run file that cannot be read", acts.failed),
        scene("empty", "no optimizer", acts.empty),
        scene("unfolded", "an optimizer's form", acts.unfolded),
        scene("picker", "adding an optimizer", acts.picking),
        scene("picker-dark", "adding an optimizer", acts.picking, theme="dark"),
        scene("explainer", "the explainer", acts.explained, size=WIDE),
        scene("small", "1024×600", acts.short, size=SMALL),
        scene("long-names", "long names", acts.long_names),
        scene("long-names-small", "long names", acts.long_names, size=SMALL),
        scene("many", "24 optimizers", acts.many_optimizers),
        scene("many-dark", "24 optimizers", acts.many_optimizers, theme="dark"),
    )


def plots() -> tuple[Scene, ...]:
    """Return states of plots."""
    dark = {"theme": "dark"}
    return (
        scene("seeds", "three seeds: medians with bands", acts.seeds, **dark),
        scene("ten-seeds", "ten seeds, each by itself", page_acts.ten_seeds),
        scene("means", "ten seeds: means with intervals", page_acts.ten_means),
        scene("line", "a problem with one parameter", acts.on_a_line),
        scene("basins", "where starts lead to", page_acts.basins, **dark),
        scene("sweep", "final loss by learning rate", page_acts.swept),
        scene(
            "restyled", "symlog, words of one's own, a hidden curve", page_acts.restyled
        ),
        scene("maximized", "one plot alone", page_acts.maximized, **dark),
        scene("arranged", "plots put in other places", page_acts.arranged),
        scene("presentation", "plots without panels", page_acts.presented, **dark),
        scene("perspectives", "the menu of arrangements", page_acts.perspectives),
        scene("adding", "adding a plot", page_acts.adding),
        scene("scrubbed", "an earlier step", page_acts.scrubbed, **dark),
    )


def answers() -> tuple[Scene, ...]:
    """Return states of certificate, verdict and speed-up."""
    dark = {"theme": "dark"}
    large = page_acts.judged_large
    speed = partial(page_acts.tuned, name="speedup")
    return (
        scene("verdict", "eight seeds are judged", page_acts.judged),
        scene("verdict-large", "the verdict alone", large),
        scene("verdict-tuned", "the verdict of a study", page_acts.tuned),
        scene("verdict-one-seed", "one seed", partial(large, seeds=1), **dark),
        scene("verdict-live", "while trials run", page_acts.judged_live),
        scene("verdict-small", "the same at 1024×600", page_acts.judged, size=SMALL),
        scene("speed-up", "the speed-up at equal loss", speed, **dark),
        scene("certificate", "whether it is fair", page_acts.certified),
        scene("chinese-verdict", "the verdict", large, lang="zh", **dark),
        scene(
            "chinese-verdict-small",
            "the same at 1024×600",
            page_acts.judged,
            size=SMALL,
            lang="zh",
        ),
    )


def pages() -> tuple[Scene, ...]:
    """Return states of the welcome page and of the library."""
    return (
        scene("welcome", "the welcome page", page_acts.welcomed),
        scene("welcome-dark", "the same, dark", page_acts.welcomed, theme="dark"),
        scene("welcome-small", "the same at 1024×600", page_acts.welcomed, size=SMALL),
        scene("library", "past runs", page_acts.library),
        scene(
            "library-dark",
            "past runs, several chosen",
            partial(page_acts.library, chosen=3),
            theme="dark",
        ),
        scene("library-small", "the same at 1024×600", page_acts.library, size=SMALL),
        scene("library-empty", "no runs yet", page_acts.no_runs),
        scene("library-searched", "nothing found", page_acts.searched),
        scene("overlay", "two runs in one plot", page_acts.overlaid),
        scene("difference", "two experiments compared", page_acts.compared),
    )


def studies() -> tuple[Scene, ...]:
    """Return states of the page of studies."""
    dark = {"theme": "dark"}
    return (
        scene("tune-empty", "no study yet", tune_acts.explained),
        scene("tune-wrong", "a study that cannot start", tune_acts.filled, **dark),
        scene("tune-running", "a study while it tunes", tune_acts.running),
        scene("tune", "a study with its verdicts", tune_acts.finished),
        scene("tune-dark", "the same, dark", tune_acts.finished, **dark),
        scene("tune-small", "1024×600", tune_acts.finished, size=SMALL),
        scene("tune-unanswered", "no Ray cluster there", tune_acts.unanswered, **dark),
    )


def dialogs() -> tuple[Scene, ...]:
    """Return states with something over the window."""
    return (
        scene("palette", "finding commands", page_acts.palette),
        scene("palette-dark", "finding commands", page_acts.palette, theme="dark"),
        scene("preferences", "preferences", page_acts.preferences),
        scene("preferences-dark", "the same", page_acts.preferences, theme="dark"),
        scene("shortcuts", "keyboard shortcuts", page_acts.shortcuts),
        scene("plugins", "plug-ins", page_acts.plugins),
        scene("about", "about OptLab", page_acts.about, theme="dark"),
        scene("guide", "the user guide", page_acts.guide),
        scene("error-dialog", "an error inside OptLab", page_acts.erred, theme="dark"),
        scene("messages", "what was said", page_acts.told),
        scene("details", "more of a fact in the status bar", page_acts.detailed),
        scene("tour", "the tour", page_acts.toured),
        scene("menu", "the menu", page_acts.menu, theme="dark"),
    )


def in_chinese() -> tuple[Scene, ...]:
    """Return states of the Chinese window."""
    dark = {"theme": "dark", "lang": "zh"}
    return (
        scene("chinese-finished", "a finished run", acts.short, lang="zh"),
        scene("chinese-small", "1024×600", acts.short, size=SMALL, **dark),
        scene("chinese-unfolded", "forms", acts.unfolded, lang="zh"),
        scene("chinese-explainer", "a card", acts.explained, size=WIDE, lang="zh"),
        scene(
            "chinese-groups",
            "param groups",
            acts.unfolded,
            preset="seed-layer-wise",
            **dark,
        ),
        scene("chinese-picker", "the picker", acts.picking, **dark),
        scene("chinese-long-names", "long names", acts.long_names, lang="zh"),
        scene("chinese-welcome", "the welcome page", page_acts.welcomed, lang="zh"),
        scene(
            "chinese-welcome-small",
            "the same, dark, 1024×600",
            page_acts.welcomed,
            size=SMALL,
            **dark,
        ),
        scene("chinese-library", "past runs", page_acts.library, lang="zh"),
        scene(
            "chinese-library-small",
            "the same, dark, 1024×600",
            page_acts.library,
            size=SMALL,
            **dark,
        ),
        scene(
            "chinese-tune", "a study with its verdicts", tune_acts.finished, lang="zh"
        ),
        scene(
            "chinese-tune-small",
            "a study while it tunes, dark, 1024×600",
            tune_acts.running,
            size=SMALL,
            **dark,
        ),
        scene("chinese-preferences", "preferences", page_acts.preferences, lang="zh"),
        scene("chinese-shortcuts", "shortcuts", page_acts.shortcuts, lang="zh"),
        scene("chinese-tour", "the tour", page_acts.toured, **dark),
        scene("chinese-error-dialog", "an error inside", page_acts.erred, lang="zh"),
    )


def scaled() -> tuple[Scene, ...]:
    """Return states on fine screens; each scale needs a process of its own."""
    found: list[Scene] = []
    for scale, (name, size) in FULL.items():
        more: dict[str, Any] = {"size": size, "scale": scale}
        words = f"{name.replace('-', ' ').upper()} at {scale} %"
        found += [
            scene(f"{name}-{scale}", words, acts.short, **more),
            scene(
                f"{name}-{scale}-welcome",
                f"the welcome page, {words}",
                page_acts.welcomed,
                **more,
            ),
        ]
    return tuple(found)


def preset_scene(info: PresetInfo, number: int) -> Scene:
    """Return the scene of a ready experiment while it runs."""
    return scene(
        f"preset-{info.name}",
        f"{info.label}, running",
        partial(acts.running, step=3),
        preset=info.name,
        theme="dark" if number % 2 else "light",
    )
