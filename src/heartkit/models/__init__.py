"""Networks: one file per architecture, the blocks they are made of, and what they cost on the target."""
