"""The paper's fine-tuning of SAM-ResNet on MIT1003, for MIT300 (Cornia et al. 2018, section IV).

Ten folds of some 900 and 100 images, from the weights of SALICON; the folds themselves are not
published, these are seeded. Needs the dataset `mit1003`.

    python -m experiments.train --config=configs/sam_resnet_mit1003.py \\
        --workdir=runs/resnet_mit1003/0 --config.data.fold=0
"""

from configs import sam_resnet_salicon


def get_config():
    config = sam_resnet_salicon.get_config()
    config.model.backbone_weights = "none"
    config.data.update(train="mit1003", validation="mit1003", train_split="train+validation")
    config.data.folds = 10
    config.train.update(start_from="sam-resnet_salicon", learning_rate=1e-5)
    return config
