"""Where recordings come from: one file per dataset, and fetching them."""
