"""Every field of an experiment, with its unit. The other configs are deltas of a few lines.

The model's defaults here are the samjax preset. `configs/presets.py` turns them into the release's.
What each field may be is in `samjax/training/rules.py`, which a field that is added here needs too.
"""

from ml_collections import ConfigDict, config_dict

from samjax.models.sam import PARTS


def get_config() -> ConfigDict:
    """Return all fields with their defaults, locked: an unknown field is refused."""
    config = ConfigDict()
    config.model = model()
    config.loss = loss()
    config.distill = distill()
    config.data = data()
    config.augment = augment()
    config.train = train()
    return config.lock()


def model() -> ConfigDict:
    """Return the network's fields."""
    c = ConfigDict()
    c.backbone = "vgg16"  # vgg16, vgg_small, vgg_box, vgg_tiny, resnet50, resnet_tiny
    c.norm = "none"  # of a VGG: none or batch
    c.backbone_weights = "none"  # to start from: none, imagenet, hed, a published name or a file
    c.norm_statistics = "batch"  # in training: batch, running, or frozen (scales and biases too)
    c.dilated = True  # backbone's stride is 8; else as before dilation: 16 (VGG), 32 (ResNet)
    c.stride_on = "1x1"  # of a ResNet: 1x1 (release) or 3x3 (torchvision)
    c.features = 512  # channels of the ConvLSTM and the head
    c.timesteps = 4  # how often the attentive ConvLSTM looks; 0: without it
    c.attention_scale = "mean"  # attention sums to 1 (sum, release) or averages 1 (mean)
    c.remat = False  # recompute a timestep's activations in the backward pass: memory for time
    c.unroll = 0  # timesteps per iteration of the scan; 0: all on a CPU, 1 elsewhere
    c.gaussians = 16  # learned priors in each of the two blocks; 0: without them
    c.priors = "sigmoid"  # parameterisation of the priors: clip (release) or sigmoid
    c.dropout = 0.0  # share of the head's channels dropped in training
    c.readout = "density"  # relu (release) or density (softmax over positions)
    c.upsampling = 4  # map's pixels per feature cell, in each direction
    c.alignment = "half_pixel"  # of the upsampling: paper or half_pixel
    c.normalization = "torchvision"  # of the input: caffe (release) or torchvision
    c.dtype = "float32"  # of activations and products: float32 or bfloat16
    return c


def loss() -> ConfigDict:
    """Return the loss's fields."""
    c = ConfigDict()
    c.kl = 10.0  # weight of the Kullback-Leibler divergence, nats
    c.cc = -2.0  # weight of the correlation
    c.nss = -1.0  # weight of the normalized scanpath saliency
    c.log_likelihood = 0.0  # weight, at most 0, of the mean log-density at the fixations, nats
    c.timestep_weights = ()  # weight of each timestep's loss, one each; (): the last's alone counts
    c.viewing_times_ms = ()  # fixations begun by then supervise a timestep, one each; (): all do
    c.collapse_repeats = False  # fixations in one cell count once (release) or each
    return c


def distill() -> ConfigDict:
    """Return the fields of learning from another network's maps."""
    c = ConfigDict()
    c.teacher = ""  # trained networks: a work folder, published name or file each; empty: none
    c.weight = 10.0  # of the divergence from the teachers' map in the loss
    c.mix = 0.0  # share of images blended with another, of which only teachers know the map
    return c


def data() -> ConfigDict:
    """Return the fields of the datasets and their loading."""
    c = ConfigDict()
    c.data_dir = ""  # of prepared datasets: a folder or an fsspec address; empty: TFDS's own
    c.train = "osie"  # datasets, with weights if several: osie:1,eyecrowd:.5
    c.train_split = "train"  # a split, or a slice such as train[:90%]
    c.validation = "osie"  # datasets, each scored for itself: osie,scene
    c.validation_split = "validation"  # a split, or a slice of one
    c.input_size = (240, 320)  # height, width in pixels, multiples of 8; images are letterboxed
    c.buckets = ()  # further input sizes; an image takes the one whose aspect is nearest its own
    c.threads = 2  # that read and decode, in each process
    c.workers = 0  # processes beside them; 0: threads only
    c.reduced_decoding = True  # JPEGs no larger than the frame needs: within .4 grey levels
    c.cache_mib = 0.0  # decoded images kept in memory, MiB in each process; 0: none
    c.folds = 0  # cross-validation over the images of train_split; 0: none
    c.fold = 0  # the one that is validated on, from 0; trained on are the others
    c.subjects = ()  # only these subjects' fixations supervise and are validated on; (): all
    return c


def augment() -> ConfigDict:
    """Return the fields of the random changes of training images."""
    c = ConfigDict()
    c.flip = True  # mirror half of the images
    c.crop = False  # fill the frame with a part of the image, in place of padding it
    c.rotation = 0.0  # largest angle to either side, degrees
    c.zoom = (1.0, 1.0)  # drawn range of magnification; above 1 crops, below 1 pads
    c.brightness = 0.0  # largest relative change
    c.contrast = 0.0  # largest relative change
    c.saturation = 0.0  # largest relative change
    c.grey = 0.0  # share of images turned grey
    c.views = 0  # fixed ones of an image: as it is, mirrored, drawn; 0: each time drawn anew
    return c


def train() -> ConfigDict:
    """Return the fields of the optimiser and the run."""
    c = ConfigDict()
    c.seed = 0  # of initialisation, data order, augmentation and dropout
    c.start_from = ""  # whole network to start from: a work folder, a published name or a file
    c.space = 1  # devices that share an image, by its height, for inputs too large for one
    c.shard_optimizer = False  # each device keeps a part of the optimiser's state, not all of it
    c.offline = False  # never download weights, use the cache only
    c.batch_size = 16  # images, over all devices and processes
    c.epochs = 10.0  # passes over the training images
    c.optimizer = "adamw"  # adamw or rmsprop (release)
    c.learning_rate = 1e-3  # the schedule's highest
    c.schedule = "warmup_cosine"  # constant, staircase or warmup_cosine
    c.warmup_epochs = 0.5  # of warmup_cosine
    c.boundaries = (3.0, 6.0)  # of staircase: epochs at which the rate is divided by 10
    c.weight_decay = 1e-4  # of adamw, times the learning rate, on kernels only
    c.factors = ConfigDict(dict.fromkeys(PARTS, 1.0))  # of the learning rate, by part; 0: frozen
    c.clip_norm = 1.0  # largest norm of the whole gradient; 0: none
    c.accumulate = 1  # steps whose gradients are averaged into one update
    c.ema_decay = 0.0  # of the parameters' moving average, per step; 0: none is kept
    c.monitor = "KL"  # score that picks the best checkpoint: loss, KL (nats), CC, NSS, LL (bits)
    c.patience = 0  # evaluations without a better score before training stops; 0: never stops
    c.evaluate_every = 1.0  # epochs
    c.log_every = 10  # steps
    c.checkpoint_every = 500  # steps; each evaluation saves one too
    c.keep = 2  # latest checkpoints to keep, beside the best one
    c.pictures = 4  # validation images drawn for TensorBoard at each evaluation
    c.cache_features = False  # a frozen backbone's features of all views are kept on disk
    c.cache_dtype = "float16"  # of cached features: float16, bfloat16 or float32
    c.cache_gib = 20.0  # of the disk that all features in the folder may take, GiB
    c.cache_dir = ""  # folder of cached features; empty: `features` beside the work folder
    c.max_steps = config_dict.placeholder(int)  # stop early, for a trial; None: all epochs
    return c
