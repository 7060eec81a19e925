"""Schedules of the learning rate, one file each.

A file has ``Options`` and ``build(options, epochs=)``, which returns a ``train.phases.Factor``: a
function from (epochs done, with fractions; the validation's scores so far) to the share of the
rate, 0 or more. ``epochs`` is how many it serves. Where the function takes ``steps`` too, it is
told how many steps the epoch has.
"""
