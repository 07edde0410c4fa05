"""What a person reads: formats numbers, computes none."""
