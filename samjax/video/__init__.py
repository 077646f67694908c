"""Videos, animated pictures and folders of frames: read, predicted and measured frame by frame.

    model = samjax.load()
    samjax.video.predict_video(model, "clip.mp4", "saliency")      # saliency/clip_overlay.mp4

The model looks at each frame alone. It is static: it knows no motion and hears no sound.
"""

from samjax.video.clip import open_clip
from samjax.video.measure import measure_video
from samjax.video.options import VideoOptions
from samjax.video.predict import predict_video

__all__ = ["VideoOptions", "measure_video", "open_clip", "predict_video"]
