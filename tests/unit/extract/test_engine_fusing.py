"""The pass over a graph: what is fused, what is never overwritten, and the same numbers."""

import operator

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from extract.engine.fusing import fuse
from extract.engine.operators import Convolution, ConvolutionInto, near
from extract.engine.tracing import TENSOR, traced


def conv(kernel=3, groups=1, out=8):
    """A convolution that keeps the size, with a norm whose statistics are far from 0 and 1."""
    norm = nn.BatchNorm2d(out)
    for drawn in (norm.running_mean, norm.weight.data, norm.bias.data):
        drawn.normal_()
    norm.running_var.uniform_(0.5, 2)
    kept = nn.Conv2d(8, out, kernel, padding=kernel // 2, groups=groups, bias=False)
    return nn.Sequential(kept, norm)


class Net(nn.Module):
    """Layers a, b, c of eight channels and what ``way`` makes of them."""

    def __init__(self, way):
        super().__init__()
        torch.manual_seed(0)
        self.a, self.b, self.c = conv(), conv(1), conv()
        self.relu, self.relu6 = nn.ReLU(inplace=True), nn.ReLU6(inplace=True)
        self.calm, self.pool = nn.ReLU(), nn.MaxPool2d(2, 1)
        self.dropout, self.dropped = nn.Dropout(0.9), nn.Dropout2d(0.9)
        self.same, self.average = nn.Identity(), nn.AvgPool2d(9)
        self.weight = nn.Parameter(torch.randn(3, 8, 9, 9).to(memory_format=torch.channels_last))
        self.way = way

    def forward(self, maps):
        return self.way(self, maps)


def compiled(module, rows=3):
    """What the pass makes of a module, the input, and what the module gives for it."""
    module = module.eval().requires_grad_(False)
    maps = torch.randn(rows, 8, 9, 9, generator=torch.Generator().manual_seed(1))
    maps = maps.to(memory_format=torch.channels_last)
    expected = module(maps.clone())
    graph, _ = traced(module, maps[:1].clone())
    fuse(graph, rows)
    return graph, maps, expected


def counts(graph):
    kinds = [type(part) for part in graph.modules()]
    return kinds.count(Convolution), kinds.count(ConvolutionInto), len(list(graph.children()))


def residual(net, x):
    x = net.calm(net.a(x))
    return net.relu(net.b(x) + x)


def in_place_sum(net, x):
    x = net.relu(net.a(x))
    out = net.b(x)
    out += x
    return net.relu(out)


def two_branches(net, x):
    x = net.relu(net.a(x))
    return net.relu(net.b(x) + net.c(x)) * x


def linear_bottleneck(net, x):
    x = net.a(x)
    return x + net.b(net.relu6(net.c(x)))


def chained(net, x):
    x = net.pool(functional.pad(net.a(x), (0, 1, 0, 1)))
    for _ in range(3):
        x = net.relu(x + net.b(net.relu(net.c(x))))
    return x.mean((2, 3))


def pooled(net, x):
    """A fresh tensor of the size of x, which is no convolution's."""
    return net.pool(functional.pad(x, (0, 1, 0, 1)))


def into_joined_maps(net, x):
    halves = torch.cat([net.a(x)[:, :4], net.b(x)[:, 4:]], 1)
    return net.relu(net.c(x) + halves)


@pytest.mark.parametrize(
    ("way", "convolutions", "into"),
    [
        (residual, 2, 0),  # b reads x, which it would overwrite
        (in_place_sum, 2, 0),
        (two_branches, 3, 1),
        (linear_bottleneck, 3, 1),
        (chained, 7, 3),
        (lambda net, x: net.relu6(net.c(net.relu(net.a(x))) + net.b(x)), 3, 1),
        (lambda net, x: net.dropout(net.a(net.dropout(x))), 1, 0),
        (lambda net, x: functional.relu(net.a(functional.relu6(net.b(x)))).relu(), 2, 0),
        (lambda net, x: torch.add(net.a(x), net.b(x)).relu_(), 2, 1),
        (into_joined_maps, 3, 1),
        (lambda net, x: (pooled(net, x) + x) + net.a(x), 1, 1),
        (lambda net, x: torch.add(pooled(net, x), x) + net.a(x), 1, 1),
        (lambda net, x: pooled(net, x) + net.relu(net.a(x)), 1, 0),  # the ReLU comes before the sum
    ],
)
@pytest.mark.parametrize("rows", [1, 3])
def test_what_is_fused_gives_the_same_numbers(way, convolutions, into, rows):
    graph, maps, expected = compiled(Net(way), rows)
    assert counts(graph)[:2] == (convolutions, into)
    assert not any(isinstance(part, nn.Conv2d | nn.BatchNorm2d) for part in graph.modules())
    before = maps.clone()
    assert near(graph(maps), expected)
    assert torch.equal(maps, before)
    assert torch.equal(graph(maps), graph(maps))


def read_again(net, x):
    x = net.relu(net.a(x))
    return net.relu(net.b(net.c(x)) + x) - x


def read_again_through_a_view(net, x):
    x = net.relu(net.a(x))
    flat = x.flatten(1)
    y = net.relu(net.b(net.c(x)) + x)
    return y.flatten(1) - flat


def read_again_before_the_relu(net, x):
    x = net.a(x)
    seen = net.relu(x)
    return (net.b(net.c(x)) + x) - 2 * seen


def written_between(net, x):
    x = net.a(x)
    y = net.b(x)
    z = net.c(net.pool(functional.pad(x, (0, 1, 0, 1))))
    net.relu(x)
    return y + z


def own_read_again(net, x):
    own = net.a(x)
    return (own + pooled(net, x)) - own


def summed_into(net, x):
    there = net.calm(net.a(x))
    summed = torch.add(net.b(x), net.c(x), out=there)
    return (net.c(x) + summed) - 2 * there


def joined_into(net, x):
    there = net.calm(net.a(x))
    joined = torch.cat([net.b(x)[:, :4], net.c(x)[:, 4:]], 1, out=there)
    return (net.c(x) + joined) - 2 * there


def given(net, x):
    return net.a(x), x


WAYS = {
    "the shortcut is read again": read_again,
    "the shortcut is read again through a view": read_again_through_a_view,
    "the shortcut is read again under an earlier name": read_again_before_the_relu,
    "the input of the convolution is written before the sum": written_between,
    "the caller's own tensor": lambda net, x: net.a(x) + x,
    "the caller's own tensor through a view": lambda net, x: net.a(x) + x.view_as(x),
    "the network's own tensor": lambda net, x: net.a(x) + net.weight,
    "what is given": lambda net, x: torch.stack(given(net, net.a(net.b(x)) + net.c(x))),
    "a sum of one tensor": lambda net, x: sum([net.a(x)] * 2),
    "a sum with a number": lambda net, x: net.a(x) + 1,
    "a weighted sum": lambda net, x: torch.add(net.a(x), net.b(x), alpha=2),
    "a sum of other sizes": lambda net, x: net.a(x) + net.b(x).mean((2, 3), keepdim=True),
    "a tensor that repeats itself": lambda net, x: (
        net.a(x) + net.b(x)[:, :, :1, :1].expand(-1, -1, 9, 9)
    ),
    "a part of a tensor": lambda net, x: (
        net.a(x) + torch.cat([net.b(x), net.c(x)], 1)[:, 4:12] * 1.5
    ),
    "a part of a tensor, whole where there is one crop": lambda net, x: (
        net.a(x) + torch.cat([net.b(x), net.c(x)], 1).contiguous()[:, :8]
    ),
    "a shortcut that the sum is written into": lambda net, x: net.b(x).add_(net.a(x)),
    "a fresh tensor that is stretched to the other's size": lambda net, x: (
        net.a(x) + net.average(net.b(x))
    ),
    "the convolution's own result is read again": own_read_again,
    "a sum that is written into what is read again": summed_into,
    "maps joined into what is read again": joined_into,
    "what is one of two results": lambda net, x: torch.cat(net.a(x).chunk(2, 1)) + 0,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_must_not_be_overwritten_is_not(way):
    net = Net(way)
    graph, maps, expected = compiled(net)
    before, weight = maps.clone(), net.weight.clone()
    assert near(graph(maps), expected)
    assert torch.equal(maps, before)
    assert torch.equal(net.weight, weight)


def test_a_shortcut_that_is_read_again_is_added_to_elsewhere():
    for way in (read_again, read_again_through_a_view, read_again_before_the_relu):
        assert counts(compiled(Net(way))[0])[1] == 0
    for name in WAYS:
        if name.startswith(("a part", "a tensor that repeats", "the caller", "the network")):
            assert counts(compiled(Net(WAYS[name]))[0])[1] == 0, name
    assert counts(compiled(Net(lambda net, x: net.relu(net.b(net.c(x)) + net.a(x))))[0])[1] == 1


def test_what_does_nothing_is_dropped_and_a_dropout_that_is_on_is_not():
    def way(net, x):
        return net.same(net.dropped(net.dropout(net.a(x))))

    graph, maps, expected = compiled(Net(way))
    assert counts(graph) == (1, 0, 1)
    assert near(graph(maps), expected)
    net = Net(way).eval()
    net.dropout.train()
    graph, _ = traced(net, maps)
    fuse(graph, 3)
    left = [type(part) for part in graph.children()]
    assert sorted(map(str, left)) == sorted(map(str, [Convolution, nn.Dropout]))
    assert (graph(maps) == 0).float().mean() > 0.5


def test_a_convolution_of_maps_without_rows_stays():
    graph, maps, expected = compiled(Net(lambda net, x: net.a[0](x[0])))
    assert any(isinstance(part, nn.Conv2d) for part in graph.modules())
    assert near(graph(maps), expected)


@pytest.mark.filterwarnings("ignore:This overload of add is deprecated")
def test_a_sum_of_an_older_kind_stays():
    graph, maps, expected = compiled(Net(lambda net, x: torch.add(net.a(x), 2, net.b(x))))
    assert counts(graph)[1] == 0
    assert near(graph(maps), expected)


def test_memory_with_gaps_or_repeats_is_noted():
    def way(net, x):
        own, gaps, repeats = x.contiguous(), x[:, :, ::2], x[:, :1].expand(-1, 8, -1, -1)
        return own.flatten(1)[:, ::2], gaps, repeats

    maps = torch.zeros(2, 8, 9, 9).to(memory_format=torch.channels_last)
    graph, _ = traced(Net(way).eval(), maps)
    dense = [node.meta[TENSOR].dense for node in graph.graph.nodes if TENSOR in node.meta]
    assert dense == [True, True, False, False, False, True, False]


def test_a_sum_in_place_is_traced_as_a_sum():
    graph, _ = traced(Net(in_place_sum).eval(), torch.zeros(1, 8, 9, 9))
    assert [node.target for node in graph.graph.nodes if "add" in node.name] == [operator.add]


def test_the_module_is_left_as_it_was():
    net = Net(chained)
    before = {key: value.clone() for key, value in net.state_dict().items()}
    graph, maps, expected = compiled(net)
    assert near(graph(maps), expected)
    assert torch.equal(net(maps), expected)
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())


def test_a_convolution_that_is_called_twice_is_folded_for_each_norm():
    net = Net(lambda net, x: net.a[1](net.a[0](x)) - net.b[1](net.a[0](x)))
    graph, maps, expected = compiled(net)
    assert counts(graph)[0] == 2
    assert near(graph(maps), expected)


def test_a_norm_that_follows_something_else_stays():
    net = Net(lambda net, x: net.b(net.a[1](functional.relu(x))) + net.c[1](net.c[0](x) * 2))
    graph, maps, expected = compiled(net)
    assert sum(isinstance(part, nn.BatchNorm2d) for part in graph.modules()) == 2
    assert near(graph(maps), expected)


@pytest.mark.parametrize(
    "other",
    [
        nn.Conv2d(8, 8, 3, padding=1, padding_mode="reflect"),
        nn.Conv2d(8, 8, 3, padding="same"),
        nn.ConvTranspose2d(8, 8, 3, padding=1),
        nn.Conv2d(8, 8, 3, padding=1).double(),
    ],
    ids=["reflected", "same", "transposed", "double"],
)
def test_other_convolutions_stay_as_they_are(other):
    class Module(nn.Module):
        def __init__(self):
            super().__init__()
            self.other, self.usual = other, nn.Conv2d(8, 8, 1)

        def forward(self, maps):
            return self.usual(self.other(maps.to(self.other.weight.dtype)).float())

    graph, maps, expected = compiled(Module())
    assert counts(graph)[0] == 1
    assert near(graph(maps), expected)


class Drawn(nn.Module):
    """Calls drawn at random: each takes one of the last tensors and any that is there.

    What a tensor that was written in place holds from then on is what plain torch says.
    """

    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        draw = np.random.default_rng(seed)
        self.layers = nn.ModuleList(conv(3 if draw.random() < 0.5 else 1) for _ in range(6))
        self.relu, self.calm, self.relu6 = nn.ReLU(inplace=True), nn.ReLU(), nn.ReLU6()
        self.dropout = nn.Dropout()
        self.plan = draw.integers(0, 2**30, (14, 4)).tolist()

    def forward(self, maps):
        there = [self.layers[0](maps)]
        for kind, one, other, layer in self.plan:
            last = there[-1 - one % min(2, len(there))]
            there.append(
                self.made(kind % 11, self.layers[layer % 6], last, there[other % len(there)])
            )
        return torch.stack(there[-3:])

    def made(self, kind, own, a, b):
        kinds = [
            *(lambda: own(a), lambda: own(a) + b, lambda: b + own(a)),
            *(lambda: a + b, lambda: own(a).add_(b), lambda: self.relu(own(a) + b)),
            *(lambda: self.relu(a), lambda: self.calm(a), lambda: self.relu6(a)),
            *(lambda: a.flatten(1).view_as(a), lambda: self.dropout(a)),
        ]
        return kinds[kind]()


def test_networks_drawn_at_random_give_the_same_numbers():
    into = 0
    for seed in range(60):
        graph, maps, expected = compiled(Drawn(seed))
        assert near(graph(maps), expected, 1e-4), f"seed {seed}:\n{graph.code}"
        into += counts(graph)[1]
    assert into >= 10
