"""Images: convolution, few and changed images, and what moves from one task to another."""
