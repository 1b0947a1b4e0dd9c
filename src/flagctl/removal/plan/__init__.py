"""What is to be done where: values in place of evaluations, what goes, and what is left to a human."""
