"""Whether what was learned holds for new rows: measures, splits, search, and overfitting to watch."""
