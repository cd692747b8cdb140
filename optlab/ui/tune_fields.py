"""Fields of the page of studies."""

from optlab.ui.fields import LineField


class UsualField(LineField):
    """A line that is empty where the usual is meant, which it shows faintly."""

    def show_text(self, text: str) -> None:
        """Show ``text``; nothing where the usual is meant."""
        super().show_text("" if text == self.spec.none_word else text)

    def text(self) -> str:
        """Return what is typed; the word for the usual where nothing is."""
        return super().text().strip() or self.spec.none_word

    def normalize(self, text: str) -> None:
        """Show ``text`` as it is written."""
        super().normalize("" if text == self.spec.none_word else text)
