"""Reports that leave the house: what may, what left before, and the evidence that stays."""
