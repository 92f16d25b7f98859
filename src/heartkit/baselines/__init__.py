"""Classical methods without training, to stand beside what is learned."""
