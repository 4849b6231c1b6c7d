"""Stores: the adapters of `runtime.ports.Store`.

`memory` forgets with its process; `sqlite` keeps everything in one file; `redis` is shared by several processes.
"""
