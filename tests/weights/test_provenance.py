"""Whose work the published weights are: each set is told, and each owner with a licence."""

import pytest

from samjax.weights import PUBLISHED
from samjax.weights.provenance import KNOWN, Ingredient


def test_every_published_name_is_known_and_no_other():
    assert set(KNOWN) == {*PUBLISHED, "hed"}


@pytest.mark.parametrize("name", KNOWN)
def test_no_licence_is_glossed_over(name):
    for ingredient in KNOWN[name].ingredients:
        assert isinstance(ingredient, Ingredient)
        assert all(ingredient), ingredient
        # An address, or a package that any index gives by its name.
        assert ingredient.source.startswith(("http", "the Python package "))
    if name.endswith(("vgg16", "vgg16-th", "hed", "vgg_salicon")) and "torchvision" not in name:
        assert "CC BY 4.0" in {ingredient.licence for ingredient in KNOWN[name].ingredients}
