"""How a network learns: activations, losses, optimisers, dense networks, and an explorer of each."""
