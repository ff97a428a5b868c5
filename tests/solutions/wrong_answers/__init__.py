"""Wrong answers that no source names, and what is said of them."""
