"""Runs in a process of their own: what they break is not the program that watches them.

`RunProcess` is the process, `RemoteRunner` one run in it, with the face of a `Runner`.
Knows nothing of Qt; the process that watches needs no torch.
"""

from optlab.run_process.messages import RunFailedError, sentence_of
from optlab.run_process.remote import RemoteRunner, RunProcess

__all__ = ["RemoteRunner", "RunFailedError", "RunProcess", "sentence_of"]
