"""An ablation at an address is one program's."""

import pytest

from experiments.ablation.place import ablation_folder
from samjax.errors import UserError


def test_shards_cannot_share_an_address(tmp_path):
    with (
        pytest.raises(UserError, match="--shard=1/4: shards share a folder"),
        ablation_folder("memory://ablation", "1/4"),
    ):
        pass
    with ablation_folder(str(tmp_path), "1/4") as folder:
        assert folder == tmp_path


def test_one_program_may_have_an_address(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path))
    with ablation_folder(f"memory://{tmp_path.name}/ablation", "0/1") as folder:
        assert folder.is_dir()
