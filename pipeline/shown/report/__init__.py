"""``report.html``: what a report says, as a person looks at it; a file a section."""
