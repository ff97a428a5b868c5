"""Texts: from sentences to ids, recurrent cells, attention, and what is guessed next."""
