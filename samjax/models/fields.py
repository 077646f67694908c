"""What the fields of SAM may be that belong to its weights: a file of weights tells them.

Fields that say how to compute or how to train (`dtype`, `remat`, ...) are not among them.
"""

from samjax.models.attentive_cell import ATTENTION_SCALES
from samjax.models.backbones import BACKBONES, NORMS
from samjax.models.normalization import NORMALIZATIONS
from samjax.models.output import TIMESTEPS
from samjax.models.priors import PARAMETERIZATIONS
from samjax.models.readout import READOUTS
from samjax.models.resnet import STRIDES_ON
from samjax.models.upsampling import ALIGNMENTS

CHOICES: dict[str, tuple] = {
    "backbone": tuple(BACKBONES),
    "norm": NORMS,
    "stride_on": STRIDES_ON,
    "dilated": (True, False),
    "attention_scale": ATTENTION_SCALES,
    "priors": PARAMETERIZATIONS,
    "readout": READOUTS,
    "alignment": tuple(ALIGNMENTS),
    "normalization": tuple(NORMALIZATIONS),
}
RANGES = {
    "features": range(1, 4097),
    "timesteps": TIMESTEPS,
    "gaussians": range(1025),
    "upsampling": range(1, 65),
}
