"""samjax: the Saliency Attentive Model (SAM) in JAX and Flax.

    import samjax

    model = samjax.load()                # the bundled model; or a work folder, a file or a name
    saliency = model("photo.jpg")        # a path, a Pillow image or an array
    saliency.density                     # [H, W], at the size of the photograph, sums to 1
    samjax.heatmap.overlay(pixels, saliency.density)       # heat over the photograph, as a picture

Nothing heavy is imported before it is used, so that importing samjax takes no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samjax import video
    from samjax.pictures import heatmap
    from samjax.prediction.predictor import Predictor
    from samjax.prediction.predictor import load_model as load
    from samjax.prediction.saliency import Saliency

    __version__: str

__all__ = ["Predictor", "Saliency", "__version__", "heatmap", "load", "video"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'samjax' has no attribute {name!r}")
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("samjax")
    elif name == "video":
        value = import_module("samjax.video")
    elif name == "heatmap":
        value = import_module("samjax.pictures.heatmap")
    else:
        from samjax.prediction import predictor, saliency

        public = {
            "load": predictor.load_model,
            "Predictor": predictor.Predictor,
            "Saliency": saliency.Saliency,
        }
        value = public[name]
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the module's names with the public ones, whether or not they are imported yet."""
    return sorted({*globals(), *__all__})
