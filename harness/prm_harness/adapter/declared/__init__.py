"""What files that declare an adapter have in common: who the product is, its setup, variables from the environment."""
