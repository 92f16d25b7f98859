"""What a recording is, the words it is annotated in, and how recordings are prepared and split."""
