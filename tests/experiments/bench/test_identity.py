"""Figures are of a code: a change of what is compared is noticed, one of something else is not."""

from experiments.bench import identity


def test_a_change_of_the_networks_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(identity, "ROOT", tmp_path)
    monkeypatch.setattr(identity, "_SIDES", ())
    monkeypatch.setattr(identity, "_NETWORKS", ("samjax/models",))
    for name in ("samjax/models/cpu", "samjax/metrics", "experiments/bench"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("network", "metrics"):
        (tmp_path / f"experiments/bench/{name}.py").write_text("")
    before = {subject: identity.code_of(subject) for subject in ("network", "metrics")}
    (tmp_path / "samjax/models/cpu/winograd.py").write_text("faster = True")
    (tmp_path / "samjax/models/readme.txt").write_text("no code")
    assert identity.code_of("metrics") == before["metrics"]
    after = identity.code_of("network")
    assert after != before["network"]
    (tmp_path / "samjax/metrics/mit.py").write_text("")
    (tmp_path / "samjax/metrics/more.py").write_text("x")
    assert identity.code_of("network") == after
    assert identity.code_of("metrics") != before["metrics"]


def test_all_code_that_is_compared_is_there():
    for subject in ("network", "memory", "timesteps", "convolutions", "roofline", *identity.CODE):
        assert identity.code_of(subject)
