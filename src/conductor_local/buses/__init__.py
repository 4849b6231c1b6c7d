"""Who owns which partition, and waking them: adapters of `runtime.ports.Bus`."""
