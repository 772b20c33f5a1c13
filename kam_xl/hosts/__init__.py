"""The wires: each module here talks to exactly one outside thing (disk, child processes, Excel, …)."""
