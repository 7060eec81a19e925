"""What tasks with labels give of both sides, against each product written out."""

import torch

from train.tasks._classes import NetworkOptions, Shared, outputs

IDS, LABEL = torch.tensor([4, 0, 4]), torch.tensor([[1, 0], [0, 1], [0, 0]]).bool()


def given(**options):
    """The layers, hidden of both sides with numbers of either sign, and what is given of them."""
    torch.manual_seed(0)
    shared = Shared(NetworkOptions(embed_dim=5, **options), 2)
    sides = {side: 3 * torch.randn(3, options["hidden"] or 5) for side in ("image", "caption")}
    with torch.no_grad():
        return shared, sides, outputs(shared, *sides.values(), IDS, LABEL)


def expected(vectors, said):
    """By the names that a loss takes them by."""
    found = {"image_id": IDS, "label": LABEL}
    for side, vector in vectors.items():
        unit = vector / vector.norm(dim=1, keepdim=True)
        found |= {side: unit, f"{side}_vector": vector, f"{side}_class": said(vector)}
    return found


def test_behind_a_relu_stands_the_joint_space_and_behind_it_the_classes():
    shared, sides, found = given(hidden=7)
    joint, classes = shared.joint, shared.classes
    vectors = {
        side: each.clamp(min=0) @ joint.weight.T + joint.bias for side, each in sides.items()
    }
    wanted = expected(vectors, lambda vector: vector @ classes.weight.T + classes.bias)
    torch.testing.assert_close(found, wanted)


def test_without_them_hidden_is_the_joint_space_as_it_is():
    shared, sides, found = given(hidden=0, classifier="cosine")
    weight = shared.classes.weight.detach()

    def said(vectors):
        rows = [[torch.cosine_similarity(v, w, dim=0) for w in weight] for v in vectors]
        return torch.tensor(rows)

    torch.testing.assert_close(found, expected(sides, said))
