"""What computes: the engine and its devices, their time, and the limits of memory and arithmetic."""
