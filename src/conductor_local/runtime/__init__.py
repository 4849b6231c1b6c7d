"""The imperative shell around the kernel: ports, owners and mailboxes, the service. Begin with `ports.py` and `owner.py`."""
