"""Twenty strings that are scripts where text is taken for HTML: each sets ``window.hostile``."""

STRINGS = (
    "<script>window.hostile=1</script>",
    "</title><script>window.hostile=1</script>",
    "<img src=x onerror=window.hostile=1>",
    '"><img src=x onerror=window.hostile=1>',
    "'><svg onload=window.hostile=1>",
    "<svg><script>window.hostile=1</script></svg>",
    "<svg/onload=window.hostile=1//",
    "<iframe srcdoc='<script>parent.hostile=1</script>'></iframe>",
    "<iframe src=javascript:parent.hostile=1></iframe>",
    "javascript:window.hostile=1",
    "<a href=javascript:window.hostile=1 autofocus>a dog</a>",
    '" onfocus="window.hostile=1" autofocus="',
    "' onmouseover='window.hostile=1' x='",
    "<details open ontoggle=window.hostile=1>a dog</details>",
    "<body onload=window.hostile=1>",
    "<math><mi//xlink:href='data:x,<script>window.hostile=1</script>'></math>",
    "<style>@import 'javascript:window.hostile=1';</style>",
    "<meta http-equiv=refresh content='0;javascript:window.hostile=1'>",
    "{{constructor.constructor('window.hostile=1')()}}${window.hostile=1}",
    "\u003cimg src=x onerror=\u0022window.hostile=1\u0022\u003e &lt;img onerror=hostile=1&gt;",
)
