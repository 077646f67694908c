"""Tables of plain text."""


def format_table(rows: list[list[str]]) -> str:
    """Return the rows as lines of left-aligned columns, two spaces apart.

    Args:
        rows: The cells of each row; all rows have the same number of cells.

    Returns:
        One line per row, without spaces at the ends of lines and without a final newline.
    """
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
