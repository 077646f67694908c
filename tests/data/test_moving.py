"""Which files are videos and which pictures are animated, by their content."""

import pytest
from clips import grey_frames, write_animation
from PIL import Image

from samjax.data.moving import is_animated, is_video


@pytest.mark.parametrize("ending", ["gif", "png", "webp"])
def test_a_picture_of_one_frame_is_a_photograph(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    Image.fromarray(grey_frames(1)[0]).save(path)
    assert not is_animated(path)
    write_animation(path, grey_frames(3))
    assert is_animated(path)
    assert not is_video(path)


def test_pages_of_a_tiff_and_damaged_files_are_no_animation(tmp_path):
    pages = [Image.fromarray(pixels) for pixels in grey_frames(2)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    assert not is_animated(tmp_path / "a.tif")
    (tmp_path / "b.gif").write_bytes(b"GIF89a")
    assert not is_animated(tmp_path / "b.gif")
    assert not is_animated(tmp_path / "gone.gif")


def test_videos_are_known_by_name_or_content(tmp_path):
    assert is_video(tmp_path / "a.MOV")
    heads = {
        b"\0\0\0\x20ftypisom": True,
        b"\0\0\0\x20ftypheic": False,
        b"\0\0\0\x20ftypavis": False,
        b"RIFF\0\0\0\0AVI LIST": True,
        b"RIFF\0\0\0\0WEBPVP8X": False,
        b"\x1a\x45\xdf\xa3": True,
        b"": False,
        b"plain text": False,
    }
    for head, expected in heads.items():
        (tmp_path / "clip").write_bytes(head)
        assert is_video(tmp_path / "clip") is expected, head
