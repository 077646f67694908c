"""Published networks with few channels, and at full width in the slow step."""

from contextlib import nullcontext

import pytest
from weight_files import narrow_networks


@pytest.fixture(scope="module", params=["narrow", pytest.param("full", marks=pytest.mark.slow)])
def width(request):
    """Whether the published networks are narrow or as wide as they are."""
    with narrow_networks() if request.param == "narrow" else nullcontext():
        yield request.param


@pytest.fixture
def narrow():
    """The published networks are narrow."""
    with narrow_networks():
        yield
