"""The backbones: one file a family of torchvision's models.

A family file holds

- ``NAMES``: torchvision's own names;
- ``CLASSIFIER``: the name of the module of torchvision's model that takes the features. Whatever
  torchvision computes before it, in modules or in ``forward`` alone, the features must hold: the
  contract puts them back in there and asks for torchvision's own logits;
- ``cut(model) -> Network``: the network in parts; its ``classifier``, which a family may leave out,
  makes torchvision's own scores of the head's vectors or, where it ``classifies`` the ``grid``, of
  the trunk's maps; its ``calls`` say how many crops a call of the trunk and how many maps a call of
  the head and the classifier are fast on a CPU, where that is not the usual,

and where the usual does not do

- ``make(name) -> nn.Module``: the model with the switches of pretrained weights, as the GoogLeNet
  family needs it; else ``torchvision.models.get_model(name, weights=None)``;
- ``transform(name) -> Transform``: from a picture to crops for random weights and those of a file
  (torchvision's own weights come with theirs); else ``extract.transform.IMAGENET``;
- ``rename(key)``: the present name of a tensor, where old files use other words.
"""
