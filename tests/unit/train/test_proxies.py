"""The unit vector of each class: what it says of a vector, and where it begins."""

import pytest
import torch

from train.tasks._classes import Proxies


def test_what_is_said_is_a_cosine_whatever_the_lengths():
    torch.manual_seed(0)
    proxies, vector = Proxies(5, 3).double(), torch.randn(4, 5, dtype=torch.float64)
    weights = proxies.weight.detach()
    expected = [[torch.cosine_similarity(v, w, dim=0) for w in weights] for v in vector]
    said = proxies(vector).detach()
    torch.testing.assert_close(said, torch.tensor(expected, dtype=torch.float64))
    with torch.no_grad():
        proxies.weight *= torch.tensor([[0.1], [3.0], [70.0]])
    torch.testing.assert_close(proxies(9 * vector).detach(), said)


@pytest.mark.parametrize(("dim", "classes"), [(5, 3), (3, 3), (2, 3)])
def test_classes_begin_at_right_angles_as_far_as_there_is_room(dim, classes):
    weight = Proxies(dim, classes).weight.detach()
    products = weight @ weight.T if dim >= classes else weight.T @ weight
    torch.testing.assert_close(products, torch.eye(min(dim, classes)), atol=1e-5, rtol=0)


def test_the_length_of_a_weight_has_no_gradient():
    proxies = Proxies(4, 3)
    proxies(torch.randn(6, 4)).sin().sum().backward()
    along = (proxies.weight.grad * proxies.weight).sum(1)
    torch.testing.assert_close(along, torch.zeros(3), atol=1e-5, rtol=0)
