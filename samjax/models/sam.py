"""SAM, the Saliency Attentive Model (Cornia et al., IEEE TIP 2018, arXiv 1611.09571).

    images     [B, H, W, 3]     RGB in 0..255, any integer or float type
    features   [B, h, w, F]     h = H / 8, w = W / 8, rounded as the backbone does
    hidden     [B, T, h, w, F]  the attentive ConvLSTM's states
    saliency   [B, r h, r w]    r = `upsampling`; more where the backbone is not `dilated`

The fields' defaults are the release ("paper face"); `configs/base.py` departs from them.
"""

from functools import partial
from typing import Any

import flax.linen as nn
import flax.struct
import jax
import jax.numpy as jnp

from samjax.models import stages
from samjax.models.attentive_convlstm import AttentiveConvLSTM, TimestepOutput
from samjax.models.convolution import Conv
from samjax.models.normalization import normalize
from samjax.models.priors import PriorBlock
from samjax.models.readout import read_out
from samjax.models.resnet import ResNet
from samjax.models.vgg import VGG

# Name: (module, its table). The parts of the parameter tree are named alike for all of them.
BACKBONES = {
    "vgg16": (VGG, stages.VGG16),
    "vgg_small": (VGG, stages.VGG_SMALL),
    "vgg_tiny": (VGG, stages.VGG_TINY),
    "resnet50": (ResNet, stages.RESNET50),
    "resnet_tiny": (ResNet, stages.RESNET_TINY),
}
PARTS = ("backbone", "conv_feat", "attentive_convlstm", "prior_block1", "prior_block2", "readout")


@flax.struct.dataclass
class SAMOutput:
    """What the model sees in each image; maps of the last timestep, or of a chosen one."""

    saliency: jax.Array  # [B, H', W'], float32 >= 0
    log_density: jax.Array  # [B, H', W'], float32, natural logarithm
    attention: jax.Array  # [B, T, h, w], float32, sums to 1 at each timestep
    priors: tuple[jax.Array, jax.Array]  # of both blocks, [h, w, N], maximum 1
    hidden: jax.Array | None = None  # [B, T, h, w, F], where every step is asked for
    timestep_saliency: jax.Array | None = None  # [B, T, H', W'], likewise
    timestep_log_density: jax.Array | None = None  # [B, T, H', W'], likewise


class SAM(nn.Module):
    """The whole network.

    backbone: a key of BACKBONES.
    norm: of a VGG: "none" as in the release, or "batch". A ResNet always has batch norm.
    norm_statistics: in training, of the "batch", or the "running" ones; "frozen" is "running"
      with scales and biases that the optimiser leaves alone.
    stride_on: of a ResNet, see `Bottleneck`.
    dilated: the backbone ends at stride 8; else at its published stride (16 or 32), and maps are
      upsampled so much more. Changes no parameter.
    features: channels of the ConvLSTM and the head. A backbone with another number of channels is
      followed by a 3x3 convolution (`conv_feat`), as ResNet-50 is in the release.
    timesteps: how often the attentive ConvLSTM looks; changes no parameter. 0: there is none, the
      features go straight to the head.
    attention_scale, remat, unroll: see `AttentiveConvLSTM`.
    gaussians: number of learned priors in each of the two blocks; 0: the blocks have none.
    priors: parameterisation of the priors, "clip" or "sigmoid".
    dropout: share of the head's channels set to zero in training (whole maps).
    readout: "relu" or "density", see `samjax.models.readout`.
    upsampling, alignment: see `samjax.models.upsampling`.
    normalization: a key of NORMALIZATIONS.
    dtype: of activations and products; parameters, softmax, statistics and maps stay float32.
    """

    backbone: str = "vgg16"
    norm: str = "none"
    norm_statistics: str = "batch"
    stride_on: str = "1x1"
    dilated: bool = True
    features: int = 512
    timesteps: int = 4
    attention_scale: str = "sum"
    remat: bool = False
    unroll: int = 0
    gaussians: int = 16
    priors: str = "clip"
    dropout: float = 0.0
    readout: str = "relu"
    upsampling: int = 16
    alignment: str = "paper"
    normalization: str = "caffe"
    dtype: Any = None

    @nn.compact
    def __call__(
        self, images: jax.Array, train: bool = False, all_timesteps: bool = False
    ) -> SAMOutput:
        """every_step: also give each timestep's hidden state, map and log-density.

        train: batch statistics, which the caller must declare mutable, and dropout.
        """
        x = normalize(images, self.normalization)
        if self.dtype is not None:
            x = x.astype(self.dtype)
        x = self._backbone(train)(x)
        if x.shape[-1] != self.features:
            conv = Conv(self.features, 3, dtype=self.dtype, name="conv_feat")
            x = nn.relu(conv(x))
        steps = self._refined(x)
        hidden = steps.hidden if all_timesteps else steps.hidden[:, -1:]
        (saliency, log_density), priors = self._head(hidden, train)
        return SAMOutput(
            saliency=saliency[:, -1],
            log_density=log_density[:, -1],
            attention=steps.attention,
            priors=priors,
            hidden=hidden if all_timesteps else None,
            timestep_saliency=saliency if all_timesteps else None,
            timestep_log_density=log_density if all_timesteps else None,
        )

    def _refined(self, x: jax.Array) -> TimestepOutput:
        """The ConvLSTM's steps; with no timesteps the features as the only state."""
        if self.timesteps == 0:
            return TimestepOutput(x[:, None], jnp.zeros((len(x), 0, *x.shape[1:3]), jnp.float32))
        return AttentiveConvLSTM(
            self.features,
            self.timesteps,
            self.attention_scale,
            remat=self.remat,
            unroll=self.unroll,
            dtype=self.dtype,
            name="attentive_convlstm",
        )(x)

    def _table(self):
        """The backbone's architecture."""
        table = BACKBONES[self.backbone][1]
        return table if self.dilated else stages.undilated(table)

    def _backbone(self, train: bool) -> nn.Module:
        norm = partial(
            nn.BatchNorm,
            use_running_average=not (train and self.norm_statistics == "batch"),
            momentum=0.99,
            epsilon=1e-5,
            dtype=self.dtype,
        )
        module, table = BACKBONES[self.backbone][0], self._table()
        if module is ResNet:
            return ResNet(table, norm, self.stride_on, dtype=self.dtype, name="backbone")
        return VGG(table, norm if self.norm == "batch" else None, dtype=self.dtype, name="backbone")

    def _head(self, hidden: jax.Array, train: bool):
        """Priors, scores and read-out of the states [B, S, h, w, F], the steps as one batch."""
        batch, steps = hidden.shape[:2]
        x = hidden.reshape(batch * steps, *hidden.shape[2:])
        block = partial(PriorBlock, self.features, self.gaussians, self.priors, dtype=self.dtype)
        x, priors1 = block(name="prior_block1")(x)
        x, priors2 = block(name="prior_block2")(x)
        x = nn.Dropout(self.dropout, broadcast_dims=(1, 2), deterministic=not train)(x)
        # In float32: rounded scores would be rounded log-densities.
        scores = Conv(1, 1, dtype=jnp.float32, name="readout")(x)[..., 0]
        ratio = self.upsampling * stages.stride(self._table()) // 8
        maps = read_out(scores, self.readout, ratio, self.alignment)
        maps = jax.tree.map(lambda m: m.reshape(batch, steps, *m.shape[1:]), maps)
        return maps, (priors1, priors2)


def map_size(model: SAM, input_size: tuple[int, int]) -> tuple[int, int]:
    """Height and width of the saliency map for an input's, without computing anything."""
    images = jax.ShapeDtypeStruct((1, *input_size, 3), jnp.uint8)
    output, _ = jax.eval_shape(lambda x: model.init_with_output(jax.random.key(0), x), images)
    return output.saliency.shape[1:]
