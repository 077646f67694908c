"""The files of a published dataset, downloaded or put there by hand."""

import hashlib
import zipfile

import pytest
from file_server import address, serve
from published_files import dataset, write_files

from samjax.data.prepare.downloads import downloaded
from samjax.data.prepare.from_published import prepare_published
from samjax.data.raw.dataset_spec import Download
from samjax.errors import UserError


@pytest.fixture
def archive(tmp_path) -> bytes:
    source = write_files(tmp_path / "raw", train=40)
    with zipfile.ZipFile(tmp_path / "raw.zip", "w") as packed:
        for path in sorted(source.rglob("*.*")):
            packed.write(path, path.relative_to(source))
    data = (tmp_path / "raw.zip").read_bytes()
    assert len(data) > 2 * 20_000
    return data


@pytest.fixture
def server(archive):
    with serve(**{"raw.zip": archive}) as server:
        yield server


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def tiny(server, archive, kind="good", name="tiny_2020", **changes):
    fields = {"file": "raw.zip", "url": address(server, kind, "raw.zip"), "md5": md5(archive)}
    return dataset(name=name, downloads=(Download(**(fields | changes)),))


@pytest.mark.parametrize("kind", ["good", "dropping", "redirecting", "unranged"])
def test_a_dataset_is_prepared_from_its_addresses(server, archive, data_dir, kind):
    prepared = prepare_published(tiny(server, archive, kind), data_dir=data_dir)
    assert prepared.splits == {"train": 40, "validation": 2}
    assert [p.name for p in (data_dir / "downloads" / "tiny_2020").iterdir()] == ["raw.zip"]


def test_an_interrupted_download_goes_on(server, archive, data_dir):
    folder = data_dir / "downloads" / "tiny_2020"
    folder.mkdir(parents=True)
    (folder / "raw.zip.part").write_bytes(archive[:20_000])
    assert downloaded(tiny(server, archive), data_dir) == folder
    assert server.sent == len(archive) - 20_000
    downloaded(tiny(server, archive), data_dir)
    assert server.sent == len(archive) - 20_000


def test_wrong_bytes_are_not_kept(server, archive, data_dir):
    with pytest.raises(UserError, match="digest is not md5:"):
        downloaded(tiny(server, archive, "wrong"), data_dir)
    assert not list((data_dir / "downloads" / "tiny_2020").iterdir())


def test_a_wrong_file_put_there_by_hand_is_refused(server, archive, data_dir):
    folder = data_dir / "downloads" / "tiny_2020"
    folder.mkdir(parents=True)
    (folder / "raw.zip").write_bytes(b"<html>")
    with pytest.raises(UserError, match=r"raw.zip has not the published checksum md5:.*delete it"):
        downloaded(tiny(server, archive), data_dir)


def test_editions_share_a_file_with_a_known_checksum(server, archive, data_dir):
    downloaded(tiny(server, archive), data_dir)
    downloaded(tiny(server, archive, name="tiny_2021"), data_dir)
    assert server.sent == len(archive)
    downloaded(tiny(server, archive, name="tiny_2022", md5=""), data_dir)
    assert server.sent == 2 * len(archive)


def test_what_a_person_must_do_is_told_and_what_they_did_is_taken(server, archive, data_dir):
    by_hand = tiny(server, archive, manual="fill in the form")
    with pytest.raises(UserError, match=r"raw.zip of tiny_2020: fill in the form \(http.*put it"):
        downloaded(by_hand, data_dir)
    assert not server.requests
    folder = data_dir / "downloads" / "tiny_2020"
    folder.mkdir(parents=True)
    (folder / "raw.zip").write_bytes(archive)
    assert downloaded(by_hand, data_dir) == folder


def test_a_dataset_that_cannot_be_downloaded_says_what_to_get(data_dir):
    with pytest.raises(UserError, match="ask the authors; then run `samjax prepare tiny_2020 --so"):
        downloaded(dataset(user_must_get="ask the authors"), data_dir)


def test_a_full_disk_is_told_before_the_download(server, archive, data_dir):
    with pytest.raises(UserError, match="make room"):
        downloaded(tiny(server, archive, size=10**18), data_dir)
    assert not server.requests
