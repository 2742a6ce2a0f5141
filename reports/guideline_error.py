"""The one error of guidelines."""


class GuidelineError(Exception):
    """A guideline that cannot be used: one line, what is wrong, where, what would be right."""
