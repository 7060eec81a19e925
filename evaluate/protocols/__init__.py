"""One file a protocol: what is asked of a prediction, and how the answers are reported.

A file has ``Options``; ``judge(prediction, options, *, device)``, which returns an
``evaluate.report.Report`` or refuses another kind of prediction in one line; and ``example()``, a
small prediction that it judges. The table begins with the title that it is given and a colon. What
is highest in ``score`` is what validation keeps. A report may also say what a blind guess reaches
(``chance``), which of its numbers say nothing (``notes``), and what each query has (``queries``):
then it says which row tells which way (``rows``) and which numbers are sums (``sums``), and gives
its table ``bounds``, so that an interval stands beside every number. A file with ``PLAIN = True``
judges the vectors of a task as they are: what the gallery's bias adds to them is left out.
"""
