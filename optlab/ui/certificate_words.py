"""How a certificate is said in a word, with a shape beside the colour."""

from typing import Final

from optlab.analysis.certificate import Certificate, Level
from optlab.translate import tr

SHAPES: Final[dict[Level, str]] = {"green": "✓", "amber": "▲", "red": "✕"}
"""What tells the levels apart where colours do not."""
_UNPAIRED: Final = frozenset({"not-paired", "no-common-seed"})


def certificate_word(certificate: Certificate) -> str:
    """Return a certificate in a word or two: ``Paired``, ``Check``, ``Not paired``."""
    if certificate.level == "green":
        return tr("Paired")
    if certificate.level == "red":
        unpaired = any(reason.name in _UNPAIRED for reason in certificate.why)
        return tr("Not paired") if unpaired else tr("Not comparable")
    return tr("Paired · check") if certificate.paired else tr("Check")


def certificate_text(certificate: Certificate) -> str:
    """Return the same with its shape: ``✓ Paired``."""
    return f"{SHAPES[certificate.level]} {certificate_word(certificate)}"


def certificate_tip(certificate: Certificate) -> str:
    """Return what is behind it, a line for each reason."""
    lines = [certificate.sentence]
    lines += [f"{SHAPES[reason.level]} {reason.text}" for reason in certificate.why]
    return "\n".join(dict.fromkeys(lines))


def certificate_rows(certificate: Certificate) -> list[tuple[str, str]]:
    """Return all that is known, as captions and values."""
    rows = [(certificate_text(certificate), certificate.sentence)]
    said = certificate.sentence
    others = [reason for reason in certificate.why if reason.text != said]
    reasons = [(SHAPES[reason.level], reason.text) for reason in others]
    return [*rows, *reasons, *certificate.facts]
