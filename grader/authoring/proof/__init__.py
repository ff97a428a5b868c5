"""Proves a unit: that its references, starters, misconceptions and alternatives get what they deserve."""
