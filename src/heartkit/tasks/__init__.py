"""Tasks: a vocabulary, a framing and an objective each."""
