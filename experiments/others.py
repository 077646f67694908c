"""Maps of programs that could be installed instead, so that `samjax score` can compare them.

pip install hotgaze                          # methods: hotgaze
pip install opencv-contrib-python-headless   # methods: spectral_residual, fine_grained
python -m experiments.others --method=hotgaze --images=PHOTOS --output=maps/hotgaze
samjax score --dataset=osie --split=validation --maps=maps/hotgaze

opencv-contrib-python-headless takes the place of the OpenCV that samjax itself uses, so give it an
environment of its own.
"""

from pathlib import Path

from absl import flags

from experiments.launch import launch
from experiments.other_maps import write_maps

_METHOD = flags.DEFINE_string("method", "hotgaze", "hotgaze, spectral_residual or fine_grained.")
_IMAGES = flags.DEFINE_string("images", None, "Folder of photographs.", required=True)
_OUTPUT = flags.DEFINE_string("output", None, "Folder of the maps, STEM.npy each.", required=True)


def run() -> None:
    """Run the program with the values of its flags."""
    count = write_maps(_METHOD.value, Path(_IMAGES.value), Path(_OUTPUT.value))
    print(f"{count} maps in {_OUTPUT.value}")


if __name__ == "__main__":
    launch(run)
