"""SAM, the Saliency Attentive Model (Cornia et al., IEEE TIP 2018, arXiv 1611.09571).

    images     [B, H, W, 3]     RGB in 0..255, any integer or float type
    features   [B, h, w, F]     h = H / 8, w = W / 8, rounded as the backbone does
    hidden     [B, T, h, w, F]  the attentive ConvLSTM's states
    scores     [B, T, h, w]     of the head
    saliency   [B, r h, r w]    r = `upsampling`; more where the backbone is not `dilated`

    features = backbone(images)                      with `conv_feat` where it has not F channels
    hidden = attentive_convlstm(features)
    scores = readout * prior_block2(prior_block1(hidden)) + b         readout a 1x1 convolution
    saliency, log_density = read_out(scores)

The fields' defaults are the release (the preset "paper"); `configs/base.py` departs from them.
"""

from functools import partial
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array

from samjax.models import stages
from samjax.models.attentive_convlstm import AttentiveConvLSTM, Timesteps
from samjax.models.backbones import Features, make_backbone, table_of
from samjax.models.backend import XLA
from samjax.models.convolution import Conv
from samjax.models.normalization import Images, normalize
from samjax.models.output import SAMOutput
from samjax.models.priors import PriorBlock
from samjax.models.readout import Maps, read_out

PARTS = ("backbone", "conv_feat", "attentive_convlstm", "prior_block1", "prior_block2", "readout")


class SAM(nn.Module):
    """The whole network. A name that is unknown is a UserError when the network is traced.

    Attributes:
        backbone: A key of BACKBONES.
        norm: Of a VGG: "none" as in the release, or "batch". A ResNet always has batch norm.
        norm_statistics: In training, those of the "batch", or the "running" ones; "frozen" is
            "running" with scales and biases that the optimiser leaves alone.
        stride_on: Of a ResNet, see `Bottleneck`.
        dilated: The backbone ends at stride 8; else at its published stride (16 or 32), and maps
            are upsampled so much more. Changes no parameter.
        features: Channels of the ConvLSTM and the head. A backbone with another number of channels
            is followed by a 3x3 convolution (`conv_feat`), as ResNet-50 is in the release.
        timesteps: How often the attentive ConvLSTM looks; changes no parameter. 0: there is none,
            the features go straight to the head.
        attention_scale, remat, unroll: See `AttentiveConvLSTM`.
        gaussians: Number of learned priors in each of the two blocks; 0: the blocks have none.
        priors: Parameterisation of the priors, "clip" or "sigmoid".
        dropout: Fraction of the head's channels set to zero in training (whole maps).
        readout: "relu" or "density", see `samjax.models.readout`.
        upsampling: Rows and columns of the map per feature cell of stride 8.
        alignment: See `samjax.models.upsampling`.
        normalization: A key of NORMALIZATIONS.
        dtype: Of activations and products; parameters, softmax, statistics and maps stay float32.
        backend: "cpu" or "xla", the arithmetic to use, see `samjax.models.backend`. It is no part
            of what was trained: configs and weight files do not hold it, and whoever builds a
            network that must be fast on a CPU sets it to `backend.resolve()`.
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
    backend: str = XLA

    @nn.compact
    def __call__(
        self,
        images: Images | None,
        train: bool = False,
        all_timesteps: bool = False,
        features: Features | None = None,
    ) -> SAMOutput:
        """Return the maps of the images.

        Args:
            images: RGB in 0..255, of any integer or float type; None where `features` are given.
            train: Use dropout, and with `norm_statistics` "batch" the batch's statistics, whose
                collection "batch_stats" the caller must declare mutable.
            all_timesteps: Also return each timestep's hidden state, map and log-density.
            features: What the backbone makes of the images, see `samjax.models.features`; the
                backbone is not run then.
        """
        dtype = self.dtype or jnp.float32
        if features is None:
            assert images is not None
            x = normalize(images, self.normalization).astype(dtype)
            x = self._backbone(train)(x)
        else:
            x = features.astype(dtype)
        if x.shape[-1] != self.features:
            conv = Conv(self.features, 3, **self._arithmetic(), name="conv_feat")
            x = nn.relu(conv(x))
        timesteps = self._attend(x)
        # The head sees only the states that are asked for: its cost grows with their number.
        hidden = timesteps.hidden if all_timesteps else timesteps.last[:, None]
        maps, priors = self._head(hidden, train)
        return SAMOutput(
            saliency=maps.saliency[:, -1],
            log_density=maps.log_density[:, -1],
            attention=timesteps.attention,
            priors=priors,
            hidden=hidden if all_timesteps else None,
            timestep_saliency=maps.saliency if all_timesteps else None,
            timestep_log_density=maps.log_density if all_timesteps else None,
        )

    def _attend(self, x: Array) -> Timesteps:
        """Return the ConvLSTM's timesteps; without any, the features as the only state."""
        if self.timesteps == 0:
            no_attention = jnp.zeros((len(x), 0, *x.shape[1:3]), jnp.float32)
            return Timesteps(hidden=x[:, None], attention=no_attention, last=x)
        return AttentiveConvLSTM(
            self.features,
            self.timesteps,
            self.attention_scale,
            self.remat,
            self.unroll,
            **self._arithmetic(),
            name="attentive_convlstm",
        )(x)

    def _arithmetic(self) -> dict[str, Any]:
        """Return the fields that all parts of the network have in common."""
        return {"dtype": self.dtype, "backend": self.backend}

    def _table(self) -> stages.Table:
        """Return the backbone's architecture."""
        return table_of(self.backbone, self.dilated)

    def _backbone(self, train: bool) -> nn.Module:
        """Return the backbone, normalised with the statistics that `train` asks for."""
        names = self.norm, self.norm_statistics, self.stride_on
        return make_backbone(self._table(), *names, train, **self._arithmetic())

    def _head(self, hidden: Array, train: bool) -> tuple[Maps, tuple[Array, Array]]:
        """Return maps [B, T, H, W] of the states [B, T, h, w, F], and the priors."""
        batch, timesteps = hidden.shape[:2]
        # Each timestep's state is an image of its own to the head.
        x = hidden.reshape(batch * timesteps, *hidden.shape[2:])
        fields = self._arithmetic()
        block = partial(PriorBlock, self.features, self.gaussians, self.priors, **fields)
        x, priors1 = block(name="prior_block1")(x)
        x, priors2 = block(name="prior_block2")(x)
        # Whole channels: neighbouring cells tell nearly the same, so single ones hide nothing.
        x = nn.Dropout(self.dropout, broadcast_dims=(1, 2), deterministic=not train)(x)
        # In float32: rounded scores would be rounded log-densities.
        readout = Conv(1, 1, dtype=jnp.float32, backend=self.backend, name="readout")
        scores = readout(x)[..., 0]
        ratio = self.upsampling * stages.stride(self._table()) // 8
        maps = read_out(scores, self.readout, ratio, self.alignment)
        maps = jax.tree.map(lambda m: m.reshape(batch, timesteps, *m.shape[1:]), maps)
        return maps, (priors1, priors2)


def map_size(model: SAM, input_size: tuple[int, int]) -> tuple[int, int]:
    """Return height and width of the saliency map of an input of that size; computes nothing."""
    key, images = jax.random.key(0), jax.ShapeDtypeStruct((1, *input_size, 3), jnp.uint8)
    saliency = jax.eval_shape(lambda x: model.init_with_output(key, x)[0].saliency, images)
    return saliency.shape[1:]
