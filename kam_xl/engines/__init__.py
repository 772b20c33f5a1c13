"""What is not ours alone: packages that know nothing of KAM XL, each with a README and tests of its own."""
