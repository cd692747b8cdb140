"""All commands with their shortcuts, as a page of the documentation and the help."""

from optlab.translate import tr
from optlab.ui.commands import GROUPS, Commands, group_title, shortcut_words


def commands_page(commands: Commands) -> str:
    """Return the page as Markdown, with the shortcuts that are in force."""
    parts = [
        "# " + tr("All commands and shortcuts"),
        tr(
            "What stands here can be found in the command palette and in the menu, too."
        ),
    ]
    for group in GROUPS:
        rows = [
            f"| {_cell(command.text)} | {_cell(shortcut_words(command.keys))} |"
            for command in commands.of(group)
        ]
        if rows:
            head = f"| {tr('command')} | {tr('shortcut')} |"
            parts.append(f"## {group_title(group)}")
            parts.append("\n".join((head, "|---|---|", *rows)))
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|") or " "
