"""What is left out at a training visit: drawn anew each time, and never when embedding."""

import torch
from train_fakes import vocabulary

from core.text import END, START, UNKNOWN
from train.encoders.image import linear
from train.encoders.text import gru


def _seen_tokens(encoder: gru.GRU, tokens: torch.Tensor) -> torch.Tensor:
    """The word ids whose vectors the encoder looked up, told by their gradient."""
    lengths = torch.full((len(tokens),), tokens.shape[1])
    encoder.zero_grad()
    encoder(tokens, lengths).sum().backward()
    grad = encoder.embedding.weight.grad
    assert grad is not None
    return grad.abs().sum(dim=1).nonzero().squeeze(1)


def test_words_become_unknown_in_training_only() -> None:
    torch.manual_seed(0)
    encoder = gru.build(gru.Options(word_dim=4, word_dropout=0.999), words=vocabulary(9), dim=5)
    tokens = torch.tensor([[START, 5, 6, 7, END]])
    assert _seen_tokens(encoder.train(), tokens).tolist() == [START, END, UNKNOWN]
    assert _seen_tokens(encoder.eval(), tokens).tolist() == [START, END, 5, 6, 7]


def test_about_the_asked_share_of_the_words_is_left_out() -> None:
    torch.manual_seed(0)
    encoder = gru.build(gru.Options(word_dim=4, word_dropout=0.25), words=vocabulary(10_004), dim=5)
    seen = _seen_tokens(encoder.train(), torch.arange(4, 10_004).reshape(100, 100))
    assert abs(1 - (len(seen) - 1) / 10_000 - 0.25) < 0.02


def test_features_are_left_out_in_training_only() -> None:
    torch.manual_seed(0)
    encoder = linear.build(linear.Options(dropout=0.5), shapes=[(1, 64)], dim=8)
    features = torch.rand(3, 1, 64)
    encoder.train()
    assert not torch.equal(encoder(features), encoder(features))
    encoder.eval()
    plain = linear.build(linear.Options(), shapes=[(1, 64)], dim=8)
    plain.load_state_dict(encoder.state_dict())
    assert torch.equal(encoder(features), plain(features))
