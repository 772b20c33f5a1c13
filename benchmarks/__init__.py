"""What the README claims about speed and memory, measured again by `python -m benchmarks.run`."""
