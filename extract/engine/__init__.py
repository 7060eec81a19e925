"""The fused engine: a frozen network's layers in fewer oneDNN calls, on a CPU.

``fused(network, ...)`` gives a network of the same numbers (beyond rounding) in which batch norms
are folded into the convolutions before them, a ReLU or a residual addition is part of its
convolution's call, and weights are laid out once. The graph comes from ``torch.fx``; the calls are
private operators of torch, which ``operators.missing`` tries before they are used.
"""
