"""Python source to references."""
