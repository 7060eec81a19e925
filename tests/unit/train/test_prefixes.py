"""The tree of a batch's prefixes against a dictionary of them."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from train.prefixes import from_the_longest, prefix_tree


@given(
    captions=st.lists(st.lists(st.integers(3, 5), min_size=1, max_size=6), min_size=1, max_size=9),
    more=st.integers(0, 2),
)
@settings(max_examples=80, deadline=None)
def test_equals_a_dictionary_of_prefixes(captions: list[list[int]], more: int) -> None:
    lengths = torch.tensor([len(caption) for caption in captions])
    tokens = torch.full((len(captions), int(lengths.max()) + more), -9)
    for row, caption in enumerate(captions):
        tokens[row, : len(caption)] = torch.tensor(caption)
    tree = prefix_tree(tokens, lengths)
    known = sorted({word for caption in captions for word in caption})
    assert tree.words.tolist() == known
    # Of one length in the order of a dictionary, the shorter ones before.
    begun = {tuple(c[:n]) for c in captions for n in range(1, len(c) + 1)}
    number = {prefix: n for n, prefix in enumerate(sorted(begun, key=lambda p: (len(p), p)), 1)}
    number[()] = 0
    assert tree.nodes == len(number)
    assert tree.last.tolist() == [number[tuple(caption)] for caption in captions]
    for row, caption in zip(tree.each.tolist(), captions, strict=True):
        nodes = [number[tuple(caption[: n + 1])] for n in range(len(caption))]
        assert row == nodes + [0] * (len(row) - len(nodes))
    rows = torch.arange(2 * tree.nodes).view(-1, 2)
    for length, level in enumerate(tree.levels, 1):
        prefixes = [p for p in number if len(p) == length]
        assert list(range(tree.nodes)[level.nodes]) == sorted(map(number.__getitem__, prefixes))
        assert level.words.tolist() == [known.index(p[-1]) for p in sorted(prefixes)]
        parents = [number[p[:-1]] for p in sorted(prefixes)]
        assert level.parents.tolist() == sorted(set(parents))
        assert level.parents[level.parent].tolist() == parents
        assert level.alone == (len(set(parents)) == len(parents))
        assert torch.equal(level.of_parents(rows), rows[level.parents])
        assert torch.equal(level.of_nodes(level.of_parents(rows)), rows[parents])


def test_a_prefix_is_one_node() -> None:
    tree = prefix_tree(torch.tensor([[5, 6, 9], [5, 6, 2], [5, 0, 0]]), torch.tensor([3, 2, 1]))
    assert tree.words.tolist() == [5, 6, 9]
    assert [level.nodes for level in tree.levels] == [slice(1, 2), slice(2, 3), slice(3, 4)]
    assert tree.last.tolist() == [3, 2, 1]


def test_a_shared_word_after_different_words_is_not_shared() -> None:
    tree = prefix_tree(torch.tensor([[1, 3], [2, 3]]), torch.tensor([2, 2]))
    assert tree.last.tolist() == [3, 4]
    assert tree.levels[1].parents.tolist() == [1, 2]


def test_what_is_of_a_parent_or_of_a_node_is_added_to_the_parents() -> None:
    captions = torch.tensor([[1, 1], [1, 2], [2, 1], [3, 0], [4, 1]])
    level = prefix_tree(captions, torch.tensor([2, 2, 2, 1, 2])).levels[1]
    assert (level.parents.tolist(), level.parent.tolist()) == ([1, 2, 4], [0, 0, 1, 2])
    assert level.run is None
    for rows, expected in (([1, 2, 3], [0, 1, 2, 0, 3]), ([1, 2, 3, 4], [0, 3, 3, 0, 4])):
        states = torch.zeros(5, 1)
        level.add_to_parents(states, torch.tensor(rows, dtype=torch.float32)[:, None])
        assert states[:, 0].tolist() == expected


def test_each_level_gets_its_own_rows_the_longest_first() -> None:
    tree = prefix_tree(torch.tensor([[1, 2, 3], [1, 3, 3]]), torch.tensor([3, 3]))
    found = [
        (level, rows.tolist()) for level, rows in from_the_longest(tree.levels, torch.arange(4))
    ]
    assert [rows for _, rows in found] == [[2, 3], [1], [0]]
    assert [level for level, _ in found] == list(reversed(tree.levels))
