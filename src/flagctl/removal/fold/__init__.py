"""Conditions and statements of which a part is known, folded: what is left of a module, and nothing else."""
