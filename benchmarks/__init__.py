"""Speed as ratios against plain references: each file prints JSON rows, ``make bench`` runs all."""
