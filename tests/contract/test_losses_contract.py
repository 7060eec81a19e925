"""Every loss is finite and differentiable, and refuses unknown options."""

import pytest
import torch
from train.settings import accepted_keys, resolve

from core.errors import SettingError
from core.plugins import load, names

LOSSES = names("train.losses")


@pytest.fixture(params=LOSSES)
def plugin(request):
    return load("train.losses", request.param)


def examples(rows, ids):
    generator = torch.Generator().manual_seed(rows)
    image, caption = (
        torch.nn.functional.normalize(torch.randn(rows, 6, generator=generator), dim=1)
        for _ in range(2)
    )
    return image.requires_grad_(), caption.requires_grad_(), torch.tensor(ids)


@pytest.mark.parametrize("ids", [[0], [0, 1], [3, 3, 3], [0, 1, 0, 2, 1], list(range(16))])
def test_a_finite_scalar_with_a_finite_gradient(plugin, ids):
    image, caption, image_id = examples(len(ids), ids)
    options = [plugin.Options()]
    if hasattr(plugin, "warm_up"):
        options.append(plugin.warm_up(plugin.Options()))
    for each in options:
        loss = plugin.build(each)
        assert isinstance(loss, torch.nn.Module)
        value = loss(image, caption, image_id)
        assert value.shape == ()
        assert torch.isfinite(value)
        for gradient in torch.autograd.grad(value, [image, caption]):
            assert torch.isfinite(gradient).all()


def test_the_order_of_the_batch_changes_nothing(plugin):
    image, caption, image_id = examples(7, [0, 1, 1, 2, 3, 0, 4])
    order = torch.tensor([4, 2, 6, 0, 1, 5, 3])
    loss = plugin.build(plugin.Options())
    here, there = (
        loss(image, caption, image_id),
        loss(image[order], caption[order], image_id[order]),
    )
    torch.testing.assert_close(here, there)


def test_a_nan_is_not_hidden(plugin):
    image, caption, image_id = examples(3, [0, 1, 2])
    broken = image.detach().clone()
    broken[1, 0] = float("nan")
    assert not torch.isfinite(plugin.build(plugin.Options())(broken, caption, image_id))


@pytest.mark.parametrize("name", LOSSES)
def test_unknown_options_are_refused(name):
    with pytest.raises(SettingError, match=r"loss\.nonsense"):
        resolve({"loss": {"name": name, "nonsense": 1}})
    assert "loss.name" in accepted_keys()
