"""How the course's backbone was made: invented things, their surfaces, and the training."""
