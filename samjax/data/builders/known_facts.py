"""Facts of published datasets that people keep as a table.

`samjax prepare table --name NAME` stores them with the dataset if NAME is one of these.
"""

from samjax.data.example import Facts, Sigma

LICENCE = "MIT (annotations and release); the photographers' own rights may remain"
SPLIT_RECIPE = (
    "as given in images.csv: drawn at random over images with a fixed seed, test kept apart"
)

KNOWN_FACTS = {
    "osie": Facts(
        sigma=Sigma(pixels=24.0),
        edition="NUS-VIP/predicting-human-gaze-beyond-pixels",
        split_recipe=SPLIT_RECIPE,
        pixels_per_degree=24.0,
        description="OSIE: photographs with several objects of interest, 15 subjects, 3 s",
        citation=(
            "Juan Xu, Ming Jiang, Shuo Wang, Mohan S. Kankanhalli, Qi Zhao. Predicting human "
            "gaze beyond pixels. Journal of Vision 14(1):28, 2014."
        ),
        licence=LICENCE,
    ),
    "eyecrowd": Facts(
        sigma=Sigma(pixels=26.0),
        edition="NUS-VIP/saliency-in-crowd",
        split_recipe=SPLIT_RECIPE,
        pixels_per_degree=26.0,
        description="EyeCrowd: photographs of groups and crowds of people, 16 subjects, 5 s",
        citation=(
            "Ming Jiang, Juan Xu, Qi Zhao. Saliency in Crowd. European Conference on Computer "
            "Vision (ECCV), 2014."
        ),
        licence=LICENCE,
    ),
    "scene": Facts(
        # 8 pixels on a 256 x 256 image, which was enlarged by 1080 / 256 to fill the screen.
        sigma=Sigma(pixels=33.75, screen=(1080, 1920)),
        edition="Yanakz/Scene",
        split_recipe=SPLIT_RECIPE,
        description="Scene Saliency: SUN2012 photographs of many sizes, 12 subjects, 3 s",
        citation=(
            "Haoran Liang, Ming Jiang, Ronghua Liang, Qi Zhao. Saliency Prediction with Scene "
            "Structural Guidance. 2015."
        ),
        licence=LICENCE,
    ),
}
