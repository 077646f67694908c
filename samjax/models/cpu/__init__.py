"""The CPU's arithmetic: the numbers of XLA's convolutions and pools, computed faster on a CPU.

`convolution` chooses how a convolution is computed, `winograd` and `kernel_gradient` hold the ways,
`product` the product of matrices, and `pooling` the max-pool; `recompute` keeps the memory of
gradients small. Every choice was made by measurement (`experiments.benchmark --only=convolutions`),
and every way is tested against XLA's own.
"""
