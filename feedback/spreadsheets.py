"""Cells that a spreadsheet would run as a formula (R40): defused when they leave, and read back as they were."""

import re

# What a spreadsheet takes for the beginning of a formula. Quotes before it count too, so that undoing is exact.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_DEFUSED = re.compile(r"'+[=+\-@\t\r]")


def defused(cell: str) -> str:
    """Return the cell with a quote before it if a spreadsheet would take it for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def as_it_was(cell: str) -> str:
    """Return what ``defused`` made this cell of."""
    return cell[1:] if _DEFUSED.match(cell) else cell
