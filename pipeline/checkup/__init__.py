"""Looking at a corpus before anything is computed: what there is, and what to mend."""
