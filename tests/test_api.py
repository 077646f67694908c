"""The public names of samjax, which are imported only when they are used."""

import subprocess
import sys
from importlib.metadata import version

import pytest

import samjax


def test_importing_samjax_imports_nothing_heavy():
    code = (
        "import sys, samjax\n"
        "names = dir(samjax)\n"
        "heavy = [n for n in ('jax', 'flax', 'numpy', 'PIL', 'cv2') if n in sys.modules]\n"
        "print(heavy, [n for n in sys.modules if n.startswith('samjax.')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] []"


def test_public_names():
    from samjax.prediction.predictor import Predictor, load_model
    from samjax.prediction.saliency import Saliency

    assert samjax.__all__ == ["Predictor", "Saliency", "__version__", "heatmap", "load", "video"]
    assert set(samjax.__all__) <= set(dir(samjax))
    assert samjax.load is load_model
    assert samjax.Predictor is Predictor
    assert samjax.Saliency is Saliency
    assert samjax.__version__ == version("samjax")


def test_other_names_are_no_attributes():
    with pytest.raises(AttributeError, match="module 'samjax' has no attribute 'lode'"):
        samjax.lode  # noqa: B018


def test_sub_modules_are_still_reached_by_import():
    from samjax import errors, weights

    assert errors.__name__ == "samjax.errors"
    assert weights.__name__ == "samjax.weights"
