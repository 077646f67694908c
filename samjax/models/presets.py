"""Presets: named sets of SAM's fields.

`PAPER` is the released network (Cornia et al. 2018), bit for bit. It is the one definition that the
weight files, the configs and the benchmark share, whatever SAM's defaults become.
"""

# SAM's fields but for the backbone.
PAPER = {
    "norm": "none",
    "stride_on": "1x1",
    "dilated": True,
    "features": 512,
    "timesteps": 4,
    "attention_scale": "sum",
    "gaussians": 16,
    "priors": "clip",
    "readout": "relu",
    "upsampling": 16,
    "alignment": "paper",
    "normalization": "caffe",
}
