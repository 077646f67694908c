"""The paper's fine-tuning of SAM-VGG on CAT2000 (Cornia et al. 2018, section IV), at 16:9.

1,800 images to train on and 200 to validate on, from the weights of SALICON. The release keeps its
240 x 320 and pads; here the input has CAT2000's own aspect, so nothing is padding. Needs `cat2000`.

    python -m experiments.train --config=configs/sam_vgg_cat2000.py --workdir=runs/vgg_cat2000
"""

from configs import sam_vgg_salicon


def get_config():
    config = sam_vgg_salicon.get_config()
    config.model.backbone_weights = "none"
    config.data.update(train="cat2000", validation="cat2000", train_split="train+validation")
    config.data.update(folds=10, input_size=(216, 384))
    config.train.update(start_from="sam-vgg_salicon", learning_rate=1e-5)
    return config
