"""Facts of published datasets, by name; `samjax prepare table --name NAME` records them."""

from samjax.data.example import Facts, Sigma

MIT = "MIT (annotations and release); the photographers' own rights may remain"
DRAWN = "as given in images.csv: drawn at random over images with a fixed seed, test kept apart"

KNOWN = {
    "osie": Facts(
        sigma=Sigma(pixels=24.0),
        edition="NUS-VIP/predicting-human-gaze-beyond-pixels",
        split_recipe=DRAWN,
        pixels_per_degree=24.0,
        description="OSIE: photographs with several objects of interest, 15 subjects, 3 s",
        citation=(
            "Juan Xu, Ming Jiang, Shuo Wang, Mohan S. Kankanhalli, Qi Zhao. Predicting human "
            "gaze beyond pixels. Journal of Vision 14(1):28, 2014."
        ),
        licence=MIT,
    ),
    "eyecrowd": Facts(
        sigma=Sigma(pixels=26.0),
        edition="NUS-VIP/saliency-in-crowd",
        split_recipe=DRAWN,
        pixels_per_degree=26.0,
        description="EyeCrowd: photographs of groups and crowds of people, 16 subjects, 5 s",
        citation=(
            "Ming Jiang, Juan Xu, Qi Zhao. Saliency in Crowd. European Conference on Computer "
            "Vision (ECCV), 2014."
        ),
        licence=MIT,
    ),
    "scene": Facts(
        # 8 pixels on a 256 x 256 image, which was enlarged by 1080 / 256 to fill the screen.
        sigma=Sigma(pixels=33.75, screen=(1080, 1920)),
        edition="Yanakz/Scene",
        split_recipe=DRAWN,
        description="Scene Saliency: SUN2012 photographs of many sizes, 12 subjects, 3 s",
        citation=(
            "Haoran Liang, Ming Jiang, Ronghua Liang, Qi Zhao. Saliency Prediction with Scene "
            "Structural Guidance. 2015."
        ),
        licence=MIT,
    ),
}
