"""What the program prints while it works: progress, log lines and text tables."""
