"""The tables of the architectures: what stands in them adds up to the published networks."""

from samjax.models import stages
from samjax.models.stages import Pool, stride, undilated


def test_every_table_ends_at_stride_8():
    vggs = [stages.VGG16, stages.VGG_SMALL, stages.VGG_BOX, stages.VGG_TINY]
    tables = [*vggs, stages.RESNET50, stages.RESNET_TINY]
    assert [stride(table) for table in tables] == [8] * 6


def test_without_dilation_the_strides_are_the_published_ones():
    vgg = undilated(stages.VGG16)
    assert stride(vgg) == 16
    assert [stage.dilation for stage in vgg] == [1] * 5
    assert vgg[3].pool == Pool(2, shifted=True)  # in front of the stage that was dilated
    resnet = undilated(stages.RESNET50)
    assert stride(resnet) == 32
    assert [stage.stride for stage in resnet.stages] == [1, 2, 2, 2]
    assert [stage.features for stage in resnet.stages] == [64, 128, 256, 512]


def test_a_stage_behind_no_pool_gets_its_stride_back_itself():
    small = undilated(stages.VGG_SMALL)
    assert small[-1].stride == 2
    assert stride(small) == 16
