"""Tasks, one file each: how examples are read, what is learnt, and what is predicted.

A file has

- ``PARTS``: section of the recipe -> (the package of its parts, the one by default); ``loss`` and
  ``sampler`` are among them unless the task is solved in closed form;
- ``Options``, and ``sources(options)``: name of a source -> the layer of the feature caches, or
  several with a comma between (``train.layers``); where that gives several sources, their names
  follow upon it (``image``, ``image.2``), and ``Measured.shapes`` tells which there are;
- ``measure(options, part, sources)``: the ``train.measured.Measured`` of the training part;
- ``build(recipe, measured, modules)``: a ``train.task.Task``; ``modules`` come from outside;
- where the tests' own tiny corpus (pictures with labels and captions, a stored vector each) will
  not do, ``example(folder)``: another one, its sources by name, and the modules.
"""
