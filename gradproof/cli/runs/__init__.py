"""Runs over many claims: in processes of their own, so that no claim takes others with it, and kept as they go.

`worker.py` is what such a process does, `supervisor.py` hands claims to them and ends what takes too long, `examine.py`
makes a verdict of whatever becomes of a claim, and `partial.py` is the file from which a run goes on.
"""
