"""What `bench/engine.py` measures.

speed       what `--auto` makes, beside others, on whole programs
polly       which loops Polly runs in parallel, and whether ipt finds them
nests       random nests: wrong verdicts, and the share of those found
analysis    how long the analysis takes, on programs of several lengths
generated   these programs
"""
