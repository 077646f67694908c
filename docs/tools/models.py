"""Writes the tables of the published weights into docs/models.md, from provenance.py.

python docs/tools/models.py
"""

import re
from pathlib import Path

from samjax.report.card_tables import table
from samjax.weights.provenance import KNOWN, Ingredient

PAGE = Path(__file__).parents[1] / "models.md"
BEGIN, END = "<!-- table of weights -->\n", "<!-- end of the table -->\n"


def tables() -> str:
    """Return two tables: the sets of weights, and what they are made of with its owners."""
    sets, ingredients = [], {}
    for name, known in KNOWN.items():
        ingredients |= dict.fromkeys(known.ingredients)
        sets.append((f"`{name}`", known.what, ", ".join(map(short_name, known.ingredients))))
    made_of = [
        (short_name(row), row.what, row.owner, row.licence, row.source) for row in ingredients
    ]
    columns = ("ingredient", "what it is", "whose", "licence", "source")
    return f"{table(('name', 'what it is', 'made of'), sets)}\n\n{table(columns, made_of)}\n"


def short_name(ingredient: Ingredient) -> str:
    """Return the first words of what an ingredient is."""
    return re.split(r"[:,(]| trained", ingredient.what)[0].strip()


def with_table(page: str) -> str:
    """Return the page with the tables between their marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
