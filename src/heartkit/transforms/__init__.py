"""What is done to frames on their way into a model: preprocesses, and augmentations for training."""
